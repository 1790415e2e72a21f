"""Confines a process: Landlock, seccomp, resource limits."""

"""The trusted side: processes, runs, HTTP on behalf of wrappers, what is due."""

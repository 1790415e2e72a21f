/* Times in a time zone, whatever that of the browser is. Moments are seconds since 1970 in UTC; a clock is what a zone's
 * clocks show then, as seconds too, as if it were UTC.
 *
 * slackwater.zone(name): .clock(moment), .moment(clock, last), .offset(moment) in seconds, .label(moment) UTC−3:30,
 * .twice(moment) whether the clocks show it once more, .text(moment, digits) 2026-01-31 12:00, .read(text, last),
 * .lines(low, high, step) of an axis.
 */
"use strict";
window.slackwater = {};
/* How numbers are written: as the service writes them. */
window.slackwater.number = (more = {}) => {
  const portuguese = document.documentElement.lang === "pt";
  return new Intl.NumberFormat(portuguese ? "pt-PT" : "en-GB", { useGrouping: portuguese ? "always" : true, ...more });
};
(() => {
  const DAY = 86400;
  function made(name) {
    const utc = name === "UTC";
    const format = new Intl.DateTimeFormat("en-US", { timeZone: name, hourCycle: "h23", era: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
    function clock(moment) {
      if (utc) return moment;
      const whole = Math.floor(moment), parts = {};
      for (const { type, value } of format.formatToParts(new Date(whole * 1000))) parts[type] = value;
      const date = new Date(0), year = Number(parts.year);
      date.setUTCFullYear(parts.era.startsWith("B") ? 1 - year : year, Number(parts.month) - 1, Number(parts.day));
      date.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
      return date.getTime() / 1000 + (moment - whole);
    }
    const offset = (moment) => Math.round(clock(moment) - moment);
    /* Of a clock that is shown twice the first moment, or the `last`; one that is left out is as much later as the clocks are put forward. */
    function moments(clocked) {
      const near = [offset(clocked - 1.5 * DAY), offset(clocked + 1.5 * DAY)];
      const found = [...new Set(near)].map((each) => clocked - each).filter((each) => offset(each) === Math.round(clocked - each));
      return found.length ? found.sort((a, b) => a - b) : [clocked - near[0]];
    }
    const moment = (clocked, last = false) => (utc ? clocked : moments(clocked).at(last ? -1 : 0));
    const twice = (at) => !utc && moments(clock(at)).length > 1;
    function parts(seconds, mark) {
      const size = Math.abs(seconds), two = (value) => String(value).padStart(2, "0");
      const [hours, minutes, rest] = [Math.floor(size / 3600), Math.floor((size % 3600) / 60), size % 60];
      return mark ? [hours, minutes || rest ? two(minutes) : null, rest ? two(rest) : null] : [two(hours), two(minutes)];
    }
    const label = (at) => (offset(at) ? `UTC${offset(at) < 0 ? "−" : "+"}${parts(offset(at), true).filter((each) => each !== null).join(":")}` : "UTC");
    /* As a field takes it: `digits` of 2026-01-31 12:00:00.000. */
    function text(at, digits) {
      const written = new Date(clock(at) * 1000).toISOString().replace("T", " ").slice(0, digits);
      return digits > 10 && twice(at) ? `${written}${offset(at) < 0 ? "-" : "+"}${parts(offset(at)).join(":")}` : written;
    }
    /* What such a text means; a date is a whole day. */
    function read(written, last = false) {
      if (/[zZ]$|[-+]\d\d:\d\d$/.test(written) && written.length > 10) return Date.parse(written.replace(" ", "T")) / 1000;
      if (written.length > 10) return moment(Date.parse(`${written.replace(" ", "T")}Z`) / 1000, last);
      const midnight = Date.parse(`${written}T00:00:00Z`) / 1000;
      return last ? moment(midnight + DAY) - 0.000001 : moment(midnight);
    }
    /* Where an axis has its lines: at round times, also where the clocks are changed. */
    function lines(low, high, step) {
      const found = [];
      const add = (at) => { if (at >= low && at <= high && !(at <= found.at(-1))) found.push(at); };
      if (step >= 28 * DAY) {
        const months = step >= 364 * DAY ? 12 * Math.round(step / (365 * DAY)) : Math.round(step / (30 * DAY));
        const first = new Date(clock(low) * 1000), from = first.getUTCFullYear() * 12 + first.getUTCMonth();
        for (let month = from - (from % months); ; month += months) {
          const at = moment(new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1) / 1000);
          if (at > high || month > 12 * 10000) return found;
          add(at);
        }
      }
      if (step >= DAY) {
        const days = Math.round(step / DAY), monday = 4; // 1970-01-05
        for (let day = Math.floor((clock(low) / DAY - monday) / days) * days + monday; ; day += days) {
          const at = moment(day * DAY);
          if (at > high) return found;
          add(at);
        }
      }
      for (let at = low; at <= high; ) {
        const off = offset(at), round = Math.ceil((at + off) / step - 1e-6) * step - off;
        if (offset(round) === off) add(round);
        at = offset(round) === off ? round + step / 2 : at + Math.min(900, step / 2); // no more than a quarter of an hour past a change
      }
      return found;
    }
    return { name, clock, moment, offset, label, twice, text, read, lines };
  }
  const known = {};
  window.slackwater.zone = (name = document.documentElement.dataset.zone) => {
    try { return (known[name] ||= made(name)); } catch { return (known.UTC ||= made("UTC")); } // a name that this browser does not know
  };
  window.slackwater.browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
})();

/**
 * Runs in the page before everything else. `window.probe.arm(kind, isShown, isThere)` waits for the next event of that
 * kind, such as `click`, and measures from the moment that the browser gave it (its `timeStamp`) to the end of the first
 * frame in which `isShown()` is true, and then `isThere()`. `window.probe.done()` resolves with both, and with the longest
 * Event Timing duration of the events since: from input to the next paint, as INP takes it, in steps of 8 ms and 0 below
 * 16 ms. `window.probe.until(isTrue)` resolves in the first frame in which something is true.
 */
export const PROBE = `
window.probe = (() => {
  let durations = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) durations.push({ start: entry.startTime, duration: entry.duration });
  }).observe({ type: "event", durationThreshold: 16 });
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  // Called from within a frame: the message comes after its layout and paint.
  const painted = () => new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(null);
  });
  let running = null;
  return {
    arm(kind, isShown, isThere) {
      durations = [];
      running = new Promise((resolve, reject) => {
        const onEvent = async (event) => {
          window.removeEventListener(kind, onEvent, true);
          const startedAt = event.timeStamp;
          const until = performance.now() + 10000;
          const wait = async (isTrue) => {
            // Checked in every frame, before it is painted.
            for (;;) {
              await frame();
              if (isTrue()) return painted();
              if (performance.now() > until) throw new Error("never shown: " + isTrue);
            }
          };
          try {
            const shownMs = (await wait(isShown)) - startedAt;
            const dataMs = (await wait(isThere)) - startedAt;
            // Event Timing tells of a frame after it.
            await frame();
            await frame();
            await painted();
            const longest = Math.max(0, ...durations.filter(({ start }) => start >= startedAt - 1).map(({ duration }) => duration));
            resolve({ shownMs, dataMs, eventMs: longest });
          } catch (error) {
            reject(error);
          }
        };
        window.addEventListener(kind, onEvent, true);
      });
    },
    done: () => running,
    async until(isTrue) {
      while (!isTrue()) await frame();
    },
  };
})();
`;

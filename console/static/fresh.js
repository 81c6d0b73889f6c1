// Data that is asked for again when something has happened: a call was decided. What happens
// without a call, as by the clock, is seen a little later.
import {useEffect} from './ui.js';
import {useData} from './api.js';
import {follow, live} from './live.js';

// Milliseconds between two requests: what is small is asked for when something has happened,
// and now and then; what is long, seldom.
const quick = 1000;
const slow = 10000;
const slowest = 30000;
const long = 1000; // elements

// useFresh is useData that stays fresh.
export function useFresh(path, params = {}) {
  const got = useData(path, params, {every: slow});
  const isLong = Object.values(got.data ?? {}).some((value) => value?.length > long);
  const {reload} = got;
  useEffect(() => {
    if (path === null) return undefined;
    follow();
    const least = isLong ? slowest : quick;
    let asked = Date.now();
    let timer = 0;
    const stop = live.follow(() => {
      if (timer || document.hidden) return;
      timer = setTimeout(() => {
        timer = 0;
        asked = Date.now();
        reload();
      }, Math.max(200, asked + least - Date.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [path, isLong, reload]);
  return got;
}

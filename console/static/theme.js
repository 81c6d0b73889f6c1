// A script of its own, and no module, so that the choice holds before anything is painted.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem('waxseal.theme');
  } catch {
    // A browser that stores nothing follows the system.
  }
  if (chosen === 'light' || chosen === 'dark') {
    document.documentElement.dataset.theme = chosen;
  }
}

// Keeps the page up to date: told by the server where that works, asked every half minute where not.
(() => {
  const main = document.querySelector("main[data-live]");
  if (!main || document.querySelector("main form:focus-within")) return;
  let version = main.dataset.version;
  const news = document.getElementById("news");
  const look = async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) return;
    // The answer's style is allowed in the answer only.
    const text = (await answer.text()).replace(/<style[^]*?<\/style>/, "");
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.querySelector("main[data-live]");
    if (!fresh) return;
    const said = document.querySelector("h1").textContent;
    document.querySelector("main").innerHTML = fresh.innerHTML;
    version = fresh.dataset.version;
    const heading = document.querySelector("h1").textContent;
    if (heading !== said) news.textContent = main.dataset.news.replace("%", heading);
  };
  let timer;
  const poll = () => { timer ??= setInterval(look, 30000); };
  if (!window.EventSource) return poll();
  const source = new EventSource(main.dataset.live);
  source.onmessage = (event) => { if (event.data !== version) look(); };
  source.onerror = poll;
  source.onopen = () => { clearInterval(timer); timer = undefined; };
})();

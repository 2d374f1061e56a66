/* Before the first paint: the reader's language and theme, from the address, the last visit, or the default. */
(function () {
  "use strict";
  var root = document.documentElement;
  var allowed = (root.getAttribute("data-languages") || "zh en").split(" ");
  var tags = { zh: "zh-CN", en: "en" };
  function remembered(key) {
    try { return window.localStorage.getItem("groupfunnel." + key); } catch (error) { return null; }
  }
  var asked = /[?&]lang=(zh|en)\b/.exec(window.location.search);
  var language = (asked && asked[1]) || remembered("language");
  if (language && allowed.indexOf(language) >= 0) root.setAttribute("lang", tags[language]);
  var theme = /[?&]theme=(auto|light|dark)\b/.exec(window.location.search);
  theme = (theme && theme[1]) || remembered("theme");
  if (theme === "light" || theme === "dark" || theme === "auto") root.setAttribute("data-theme", theme);
  root.classList.add("js");
})();

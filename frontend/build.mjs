// Makes src/coi_graph/web/static/vendor/ from the npm packages: one style sheet, the cuts of the
// font that it names, the pictures that it names, and a sprite of the icons that templates use.

import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { compileAsync } from "sass";

const root = fileURLToPath(new URL("..", import.meta.url));
const dkfds = join(root, "node_modules", "dkfds");
const source = join(dkfds, "src");
const web = join(root, "src", "coi_graph", "web");
const vendor = join(web, "static", "vendor");

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });

const { css } = await compileAsync(join(root, "frontend", "site.scss"), {
  style: "compressed",
  quietDeps: true,
});
await writeFile(join(vendor, "site.css"), css);

const named = new Set([...css.matchAll(/url\("?([^")]+)"?\)/g)].map((match) => match[1]));
for (const path of named) {
  const from = path.startsWith("fonts/")
    ? join(source, "fonts", "IBMPlexSans", "split", "woff2", basename(path))
    : join(source, "img", "svg-icons", basename(path));
  await cp(from, join(vendor, path));
}
await cp(
  join(source, "fonts", "IBMPlexSans", "complete", "woff2", "license.txt"),
  join(vendor, "fonts", "LICENSE.txt"),
);
await cp(join(dkfds, "LICENSE.md"), join(vendor, "LICENSE.md"));

const icons = new Set();
for (const file of await readdir(join(web, "templates"))) {
  const template = await readFile(join(web, "templates", file), "utf8");
  for (const match of template.matchAll(/\bicon\("([a-z-]+)"/g)) icons.add(match[1]);
}
const symbols = [];
for (const name of [...icons].sort()) {
  const svg = await readFile(join(source, "img", "svg-icons", `${name}.svg`), "utf8");
  const [, viewBox, shapes] = svg.match(/viewBox="([^"]+)"[^>]*>([\s\S]*)<\/svg>/);
  symbols.push(`<symbol id="${name}" viewBox="${viewBox}">${shapes}</symbol>`);
}
await writeFile(
  join(vendor, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
);

// The SPARQL editor of Yasgui, as its package brings it; static/editor.js sets it up. The map of
// its source is not shipped, so nothing may point to it.
const editor = join(root, "node_modules", "@zazuko", "yasqe");
for (const kind of ["js", "css"]) {
  const text = await readFile(join(editor, "build", `yasqe.min.${kind}`), "utf8");
  await writeFile(join(vendor, `yasqe.${kind}`), text.replace(/\n\/\/# sourceMappingURL=.*/, ""));
}
const licences = [
  "@zazuko/yasqe and @zazuko/yasgui-utils: MIT, Triply and Zazuko GmbH, " +
    "https://github.com/rdfjs/Yasgui",
];
for (const name of ["codemirror", "dompurify", "lodash-es", "query-string", "store"]) {
  const folder = join(root, "node_modules", name);
  const file = (await readdir(folder)).find((one) => /^licen[cs]e(\.|$)/i.test(one));
  licences.push(`${name}\n\n${(await readFile(join(folder, file), "utf8")).trim()}`);
}
await writeFile(join(vendor, "yasqe-LICENSES.txt"), `${licences.join("\n\n----\n\n")}\n`);

// For pictures of charts (PNG), which are drawn with fonts in a form of their own; the Makefile
// unpacks them.
for (const cut of ["Regular", "SemiBold"]) {
  const name = `IBMPlexSans-${cut}.woff2`;
  await cp(
    join(source, "fonts", "IBMPlexSans", "complete", "woff2", name),
    join(vendor, "fonts", `whole-${cut}.woff2`),
  );
}

// Everything that is text is packed once, here, rather than for every reader.
const folder = join(web, "static");
for (const entry of await readdir(folder, { recursive: true })) {
  const path = join(folder, entry);
  if ([".br", ".gz"].includes(extname(entry))) await rm(path);
}
for (const entry of await readdir(folder, { recursive: true })) {
  if (![".css", ".js", ".svg", ".txt", ".md"].includes(extname(entry))) continue;
  const path = join(folder, entry);
  const text = await readFile(path);
  for (const [ending, packed] of [["br", brotliCompressSync(text)], ["gz", gzipSync(text, { level: 9 })]]) {
    if (packed.length < text.length) await writeFile(`${path}.${ending}`, packed);
  }
}

// Names that come from programs: always text, never markup, with what nobody sees written out.
import { fileName, printable, splitFunction } from "../format/printable.ts";

/** A function, its package less loud than its name. */
export function FunctionName({ name }: { name: string }) {
  const [packagePath, rest] = splitFunction(printable(name));
  const slash = packagePath.lastIndexOf("/") + 1;
  return (
    <code class="function" title={printable(name)}>
      {slash > 0 && <span class="package above">{packagePath.slice(0, slash)}</span>}
      {packagePath && <span class="package">{packagePath.slice(slash)}</span>}
      {rest}
    </code>
  );
}

/** `report.go:43`, the whole path on hover. */
export function CodePlace({ file, line }: { file: string; line: number | null }) {
  const place = line === null ? "" : `:${line}`;
  return (
    <code class="code-place" title={printable(`${file}${place}`)}>
      {printable(fileName(file))}
      {place}
    </code>
  );
}

export function Code({ children }: { children: string }) {
  return <code>{printable(children)}</code>;
}

// What is known of a goroutine.
import type { ComponentChildren } from "preact";
import type { Goroutine, Place } from "../../api/goroutine.ts";
import { span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Code, CodePlace, FunctionName } from "../../parts/names.tsx";
import { targetAddress } from "../live/target_head.tsx";
import { objectWords } from "./chain_picture.tsx";

function At({ place }: { place: Place }) {
  return (
    <>
      <FunctionName name={place.function} /> <CodePlace file={place.file} line={place.line} />
    </>
  );
}

function Objects({ of }: { of: Goroutine }) {
  return of.waiting_on.map((object, index) => (
    <div key={`${object.address} ${index}`}>
      {objectWords(object)} <code class="dim">{object.address}</code>
    </div>
  ));
}

function Labels({ of }: { of: Goroutine }) {
  return [...of.labels].map(([key, value]) => (
    <div key={key}>
      <Code>{`${key}=${value}`}</Code>
    </div>
  ));
}

/** A fact that is there; nothing is shown of one that is not. */
function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === null || children === undefined || children === false) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function threadWords({ p, m, tid }: Goroutine): string | null {
  const parts = [
    p === null ? [] : `P${p}`,
    m === null ? [] : `M${m}`,
    tid === null ? [] : String(tid),
  ].flat();
  return parts.length > 0 ? parts.join(" · ") : null;
}

function ageWords({ waiting_since_ms: ms, waiting_since_source: source }: Goroutine): string | null {
  if (ms === null) return null;
  return source === "runtime" ? words.value.live.one.atLeast(span(ms)) : span(ms);
}

const text = (said: string | null) => (said === null ? null : printable(said));

export function Facts({ of, target }: { of: Goroutine; target: string }) {
  const { one } = words.value.live;
  const { fields } = one;
  return (
    <dl class="facts goroutine-facts">
      <Fact name={fields.status}>{printable(of.status)}</Fact>
      <Fact name={fields.reason}>{text(of.wait_reason)}</Fact>
      <Fact name={fields.age}>{ageWords(of)}</Fact>
      <Fact name={fields.on}>{of.waiting_on.length > 0 && <Objects of={of} />}</Fact>
      <Fact name={fields.meaning}>{text(of.meaning)}</Fact>
      <Fact name={fields.owner}>{of.owner !== null && <Code>{of.owner}</Code>}</Fact>
      <Fact name={fields.route}>{text(of.route)}</Fact>
      <Fact name={fields.pool}>{text(of.pool)}</Fact>
      <Fact name={fields.parent}>
        {of.parent_id !== null && (
          <a href={targetAddress(target, `/goroutines/${of.parent_id}`)}>{one.goroutineLink(of.parent_id)}</a>
        )}
      </Fact>
      <Fact name={fields.createdBy}>{of.created_by && <At place={of.created_by} />}</Fact>
      <Fact name={fields.entry}>{of.entry && <At place={of.entry} />}</Fact>
      <Fact name={fields.thread}>{threadWords(of)}</Fact>
      <Fact name={fields.locked}>{of.locked_to_thread && "✓"}</Fact>
      <Fact name={fields.labels}>{of.labels.size > 0 && <Labels of={of} />}</Fact>
      <Fact name={fields.address}>{of.address !== null && <code>{of.address}</code>}</Fact>
    </dl>
  );
}

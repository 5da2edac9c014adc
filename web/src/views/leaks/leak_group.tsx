// One group of leaked goroutines: the verdict, the steps that lead to it, and where in the code it is.
import type { ComponentChildren } from "preact";
import type { Place } from "../../api/goroutine.ts";
import type { Leak } from "../../api/leaks.ts";
import { bytes } from "../../format/bytes.ts";
import { span, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { CopyButtons } from "../../parts/copy_buttons.tsx";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { Said, SaidInShort } from "../../parts/said.tsx";
import { StackList } from "../../parts/stack_list.tsx";
import { objectWords } from "../goroutine/chain_picture.tsx";
import { targetAddress } from "../live/target_head.tsx";
import { LeakPast, useFindingOf } from "./leak_past.tsx";
import { leakAsIssue, leakAsText } from "./leak_text.ts";

/** Ids that are named; the filter has the rest. */
const IDS_SHOWN = 12;

function Named({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <h3>{name}</h3>
      {children}
    </div>
  );
}

function At({ place }: { place: Place }) {
  return (
    <p>
      <FunctionName name={place.function} /> <CodePlace file={place.file} line={place.line} />
    </p>
  );
}

/** What the page's language says of a verdict. */
function shortOf({ verdict, count, wait_reason: reason }: Leak): string | undefined {
  const { inShort } = words.value.live.leaks;
  if (!Object.hasOwn(inShort, verdict)) return undefined;
  return inShort[verdict]?.(whole(count), printable(reason ?? ""));
}

export function LeakGroup({ leak, target, oldestMs }: { leak: Leak; target: string; oldestMs: number }) {
  const { live } = words.value;
  const { leaks } = live;
  const finding = useFindingOf(leak, target);
  const verdict = Object.hasOwn(leaks.verdicts, leak.verdict)
    ? leaks.verdicts[leak.verdict]
    : printable(leak.verdict);
  const facts = [
    leaks.goroutines(whole(leak.count)),
    ...(leak.retained_bytes === null ? [] : [leaks.retained(bytes(leak.retained_bytes))]),
    ...(leak.longest_wait_ms === null ? [] : [leaks.oldest(span(leak.longest_wait_ms))]),
  ];
  return (
    <section class="leak">
      <header>
        <span class={`verdict ${leak.verdict}`}>{verdict}</span>
        <span class="leak-facts">{facts.join(" · ")}</span>
      </header>
      <p class="leak-sentence">
        <SaidInShort short={shortOf(leak)}>{leak.sentence}</SaidInShort>
      </p>
      <div class="columns">
        <div>
          <Named name={leaks.proof}>
            <ol class="proof">
              {leak.evidence.map((step) => (
                <li key={step}>
                  <Said>{step}</Said>
                </li>
              ))}
            </ol>
          </Named>
          {leak.fix && (
            <Named name={leaks.fix}>
              <p>
                <Said>{leak.fix}</Said>
              </p>
            </Named>
          )}
          <Named name={leaks.who}>
            <p class="leak-ids">
              {leak.goroutines.slice(0, IDS_SHOWN).map((id) => (
                <a key={id} href={targetAddress(target, `/goroutines/${id}`)}>
                  {id}
                </a>
              ))}
              {leak.goroutines.length > IDS_SHOWN && (
                <span class="dim">{leaks.more(whole(leak.goroutines.length - IDS_SHOWN))}</span>
              )}
            </p>
          </Named>
        </div>
        <div>
          {leak.created_by && (
            <Named name={leaks.creator}>
              <At place={leak.created_by} />
            </Named>
          )}
          {leak.object && (
            <Named name={leaks.object}>
              <p>
                {objectWords(leak.object)} <code class="dim">{leak.object.address}</code>
              </p>
            </Named>
          )}
          {leak.made_at && (
            <Named name={leaks.made}>
              <At place={leak.made_at} />
            </Named>
          )}
          <Named name={leaks.stack}>
            <StackList places={leak.stack} />
          </Named>
        </div>
      </div>
      <LeakPast leak={leak} target={target} finding={finding} oldestMs={oldestMs} />
      <div class="actions">
        <CopyButtons
          texts={[
            { name: words.value.findings.copyText, text: () => leakAsText(leak, finding) },
            { name: words.value.findings.copyIssue, text: () => leakAsIssue(leak, finding) },
          ]}
        />
      </div>
    </section>
  );
}

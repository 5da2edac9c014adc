// A finding as a proof: the verdict, what it rests on, where it is in the code, since when, and what to do.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Finding } from "../../api/findings.ts";
import type { Target } from "../../api/targets.ts";
import { percent, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Moment } from "../../parts/ages.tsx";
import { CopyButtons } from "../../parts/copy_buttons.tsx";
import { kindWord, SeverityMark, StateWord } from "../../parts/marks.tsx";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { Said, SaidInShort } from "../../parts/said.tsx";
import { targetsSource, useSource } from "../../polling/sources.ts";
import { address } from "../../router/place.ts";
import { concerns } from "../overview/rows.ts";
import { asIssue, asText } from "./finding_text.ts";
import { Growth } from "./growth.tsx";
import { SilenceDialog } from "./silence_dialog.tsx";

function verdictWords(kind: string): string {
  const { verdicts } = words.value.findings;
  if (kind === "leak_proven") return verdicts.proven;
  if (kind === "leak_suspected") return verdicts.suspected;
  if (kind === "growth") return verdicts.growth;
  return kind === "cluster" ? verdicts.cluster : verdicts.other;
}

/** What the page's language says of a kind of finding. */
function shortOf({ kind, count }: Finding): string | undefined {
  const { inShort } = words.value.findings;
  return Object.hasOwn(inShort, kind) ? inShort[kind]?.(whole(count)) : undefined;
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Where({ finding }: { finding: Finding }) {
  const { findings } = words.value;
  return (
    <ol class="causes">
      {finding.causes.map((cause) => (
        <li key={`${cause.function} ${cause.file} ${cause.line}`}>
          <FunctionName name={cause.function} />
          <div class="small dim">
            <CodePlace file={cause.file} line={cause.line} /> · {findings.goroutines(whole(cause.count))} ·{" "}
            {percent(cause.share)}
          </div>
        </li>
      ))}
      {finding.causes_more > 0 && <li class="dim">{findings.causesMore(finding.causes_more)}</li>}
    </ol>
  );
}

function Processes({ finding }: { finding: Finding }) {
  const { findings } = words.value;
  const watched: readonly Target[] = useSource(targetsSource).data ?? [];
  const more = finding.targets_total - finding.targets.length;
  return (
    <ul class="plain">
      {finding.targets.map((tags) => {
        const target = watched.find((known) => known.pid === tags.pid && concerns(finding, known));
        const said = `${printable(tags.pod ?? tags.container ?? tags.executable)} · ${tags.pid}`;
        const href = target && address(`/targets/${encodeURIComponent(target.id)}`);
        return <li key={`${tags.pid} ${tags.started_unix_ms}`}>{href ? <a href={href}>{said}</a> : said}</li>;
      })}
      {more > 0 && <li class="dim">{findings.targetsMore(more)}</li>}
    </ul>
  );
}

function Times({ finding }: { finding: Finding }) {
  const { findings } = words.value;
  return (
    <dl class="times">
      <dt>{findings.firstSeen}</dt>
      <dd>
        <Moment at={finding.first_seen_unix_ms} />
      </dd>
      {finding.state !== "pending" && (
        <>
          <dt>{findings.firingSince}</dt>
          <dd>
            <Moment at={finding.firing_since_unix_ms} />
          </dd>
        </>
      )}
      {finding.resolved_at_unix_ms !== null && (
        <>
          <dt>{findings.resolvedAt}</dt>
          <dd>
            <Moment at={finding.resolved_at_unix_ms} />
          </dd>
        </>
      )}
      {finding.count_max > 0 && (
        <>
          <dt>{findings.most}</dt>
          <dd>{findings.goroutines(whole(finding.count_max))}</dd>
        </>
      )}
    </dl>
  );
}

export function FindingDetail({ finding }: { finding: Finding }) {
  const { findings } = words.value;
  const [silencing, setSilencing] = useState(false);
  return (
    <article class="finding-detail">
      <h2>
        <SeverityMark severity={finding.severity} /> {kindWord(finding.kind)} <StateWord finding={finding} />
      </h2>
      <p class="verdict">{verdictWords(finding.kind)}</p>
      <p class="sentence">
        <SaidInShort short={shortOf(finding)}>{finding.sentence}</SaidInShort>
      </p>
      <div class="actions">
        <CopyButtons
          texts={[
            { name: findings.copyText, text: () => asText(finding) },
            { name: findings.copyIssue, text: () => asIssue(finding) },
          ]}
        />
        <button type="button" onClick={() => setSilencing(true)}>
          {findings.silence}
        </button>
      </div>
      {finding.evidence.length > 0 && (
        <Part title={findings.evidence}>
          <ol class="evidence">
            {finding.evidence.map((line) => (
              <li key={line}>
                <Said>{line}</Said>
              </li>
            ))}
          </ol>
        </Part>
      )}
      {finding.causes.length > 0 && (
        <Part title={findings.where}>
          <Where finding={finding} />
        </Part>
      )}
      {finding.fix && (
        <Part title={findings.fix}>
          <p>
            <Said>{finding.fix}</Said>
          </p>
        </Part>
      )}
      <Part title={findings.growth}>
        <Growth finding={finding} />
        <Times finding={finding} />
      </Part>
      <Part title={findings.targets}>
        <Processes finding={finding} />
      </Part>
      <Part title={findings.routing}>
        <ul class="labels">
          {[...finding.labels].map(([label, value]) => (
            <li key={label}>
              <code>{printable(`${label}=${value}`)}</code>
            </li>
          ))}
        </ul>
      </Part>
      {silencing && <SilenceDialog finding={finding} onClose={() => setSilencing(false)} />}
    </article>
  );
}

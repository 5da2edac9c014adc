// What is known of a process, and switching the looks at it on and off.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../api/client.ts";
import type { Target } from "../../api/targets.ts";
import { span, UNKNOWN, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Age } from "../../parts/ages.tsx";
import { Code } from "../../parts/names.tsx";
import { Said } from "../../parts/said.tsx";
import { poller } from "../../polling/sources.ts";
import { lookTroubles, lookWords } from "./look_words.ts";

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Switch({ of }: { of: Target }) {
  const { target } = words.value;
  const [trouble, setTrouble] = useState<string>();
  const flip = async () => {
    try {
      await api.switchTarget(of.id, !of.enabled);
      setTrouble(undefined);
      poller.refresh("target");
    } catch (error) {
      setTrouble(printable(error instanceof Error ? error.message : String(error)));
    }
  };
  return (
    <p>
      <button type="button" onClick={flip}>
        {of.enabled ? target.switchOff : target.switchOn}
      </button>
      <span role="alert" class="trouble">
        {trouble}
      </span>
    </p>
  );
}

function breakerWords(breaker: string): string {
  const { breakers } = words.value.target;
  if (breaker === "closed") return breakers.closed;
  if (breaker === "open") return breakers.open;
  return breaker === "half-open" ? breakers.halfOpen : printable(breaker);
}

export function Facts({ of }: { of: Target }) {
  const { target, looks } = words.value;
  const { fields } = target;
  const eachMs = of.looks > 0 ? of.cpu_us / of.looks / 1_000 : 0;
  const troubles = lookTroubles(of);
  return (
    <>
      <dl class="facts">
        <Fact name={fields.pid}>{of.pid}</Fact>
        <Fact name={fields.executable}>
          <Code>{of.executable}</Code>
        </Fact>
        <Fact name={fields.module}>{of.module === null ? UNKNOWN : <Code>{of.module}</Code>}</Fact>
        <Fact name={fields.version}>{printable(of.module_version ?? UNKNOWN)}</Fact>
        <Fact name={fields.release}>{printable(of.go_version)}</Fact>
        <Fact name={fields.user}>{printable(of.user ?? UNKNOWN)}</Fact>
        <Fact name={fields.container}>{of.container === null ? UNKNOWN : <Code>{of.container}</Code>}</Fact>
        <Fact name={fields.interval}>
          {lookWords(of)}
          {troubles.map((trouble) => (
            <div key={trouble} class="trouble">
              {trouble}
            </div>
          ))}
        </Fact>
        <Fact name={fields.breaker}>{breakerWords(of.breaker)}</Fact>
        <Fact name={fields.counts}>
          {target.counts(whole(of.looks), whole(of.failed), whole(of.timed_out), whole(of.missed))}
        </Fact>
        <Fact name={fields.cost}>{target.cost(span(of.cpu_us / 1_000), `${eachMs.toFixed(1)} ms`)}</Fact>
        <Fact name={fields.last}>
          {of.looked_at_ms === null ? looks.never : <Age at={of.looked_at_ms} />}
        </Fact>
        {of.error && (
          <Fact name={target.lastError}>
            <span class="trouble">
              <Said>{of.error}</Said>
            </span>
          </Fact>
        )}
      </dl>
      <Switch of={of} />
    </>
  );
}

// The chain as text: what the picture rests on.
import type { Chain, Wait, Waker } from "../../api/goroutine.ts";
import { span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { targetAddress } from "../live/target_head.tsx";
import { objectWords } from "./chain_picture.tsx";

function WakerText({ waker, target }: { waker: Waker; target: string }) {
  const { chain } = words.value.live;
  const holds: Readonly<Record<string, string>> = chain.holds;
  return (
    <li>
      <span class={waker.probable ? "trouble" : "dim"}>
        {Object.hasOwn(holds, waker.hold) ? holds[waker.hold] : printable(waker.hold)}
      </span>{" "}
      {waker.frame && (
        <>
          <FunctionName name={waker.frame.function} />{" "}
          <CodePlace file={waker.frame.file} line={waker.frame.line} />
        </>
      )}{" "}
      {waker.alike > 0 && <span class="dim">{chain.alike(String(waker.alike))}</span>}
      <ChainText chain={waker.goroutine} target={target} />
    </li>
  );
}

function WaitText({ wait, target }: { wait: Wait; target: string }) {
  const { chain } = words.value.live;
  const parts = [
    chain.waiting(String(wait.waiting)),
    ...(wait.position === null ? [] : [chain.position(wait.position)]),
    ...(wait.fires_in_ms === null ? [] : [chain.fires(span(wait.fires_in_ms))]),
    ...(wait.complete ? [chain.nobodyElse] : []),
  ];
  return (
    <li>
      {objectWords(wait.object)} <code class="dim">{wait.object.address}</code>{" "}
      <span class="dim">{parts.join(" · ")}</span>
      <ul>
        {wait.wakers.map((waker) => (
          <WakerText key={waker.goroutine.id} waker={waker} target={target} />
        ))}
        {wait.wakers_left_out > 0 && <li class="dim">{chain.leftOut(String(wait.wakers_left_out))}</li>}
      </ul>
    </li>
  );
}

export function ChainText({ chain, target }: { chain: Chain; target: string }) {
  const { live } = words.value;
  return (
    <div class="chain-text">
      <a href={targetAddress(target, `/goroutines/${chain.id}`)}>
        {live.goroutine} {chain.id}
      </a>{" "}
      {printable(chain.wait_reason ?? chain.status)}{" "}
      {chain.at && (
        <>
          <FunctionName name={chain.at.function} /> <CodePlace file={chain.at.file} line={chain.at.line} />
        </>
      )}
      {chain.deadlocked && <strong class="chain-dead">{live.chain.deadlock}</strong>}
      <ul>
        {chain.waits.map((wait, index) => (
          <WaitText key={index} wait={wait} target={target} />
        ))}
      </ul>
    </div>
  );
}

// What a goroutine waits for: the deadlock that it is in, the chain drawn, and the chain as text.
import { api } from "../../api/client.ts";
import type { Deadlock, Why } from "../../api/goroutine.ts";
import { words } from "../../i18n/language.ts";
import { Loading, Refused } from "../../parts/notices.tsx";
import type { Source } from "../../polling/poller.ts";
import { useSource } from "../../polling/sources.ts";
import { targetAddress } from "../live/target_head.tsx";
import { ChainPicture } from "./chain_picture.tsx";
import { ChainText } from "./chain_text.tsx";

function whySource(id: string, goid: string): Source<Why> {
  return {
    key: `why ${id} ${goid}`,
    everyMs: Number.POSITIVE_INFINITY,
    load: (signal) => api.why(id, goid, signal),
  };
}

function DeadlockNote({ of, target }: { of: Deadlock; target: string }) {
  const { chain } = words.value.live;
  return (
    <div class="deadlock">
      <p>
        <strong>{chain.deadlock}</strong> {chain.deadlocked(of.count, of.confirmed)}{" "}
        {of.probable && chain.probable}
      </p>
      <p class="deadlock-members">
        {of.goroutines.map((id) => (
          <a key={id} href={targetAddress(target, `/goroutines/${id}`)}>
            {id}
          </a>
        ))}
      </p>
    </div>
  );
}

export function Waits({ target, goid }: { target: string; goid: string }) {
  const { live } = words.value;
  const { data, error } = useSource(whySource(target, goid));
  if (error?.status === 404) return <p class="dim">{live.one.notBlocked}</p>;
  if (!data) return error ? <Refused error={error} /> : <Loading />;
  return (
    <>
      {data.deadlocks.map((deadlock) => (
        <DeadlockNote key={deadlock.goroutines[0]} of={deadlock} target={target} />
      ))}
      <ChainPicture chain={data.chain} target={target} />
      <details class="chain-evidence">
        <summary>{live.chain.evidence}</summary>
        <ChainText chain={data.chain} target={target} />
      </details>
    </>
  );
}

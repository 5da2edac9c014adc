// The scheduler live: Ps with their queues, and threads with what they run.
import "./scheduler.css";
import { whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { useFeed } from "../../live/feed.ts";
import type { Tick } from "../../live/messages.ts";
import type { Scheduler } from "../../live/wire/head.ts";
import { Empty } from "../../parts/notices.tsx";
import type { ViewProps } from "../../router/routes.tsx";
import { LiveFrame } from "../live/live_frame.tsx";
import { Machines } from "./machines.tsx";
import { Processors } from "./processors.tsx";

function Figure({ name, value }: { name: string; value: number | null }) {
  return (
    <div class="figure">
      <span class="figure-value">{whole(value)}</span>
      <span class="dim small">{name}</span>
    </div>
  );
}

function Figures({ scheduler }: { scheduler: Scheduler }) {
  const { figures, gc } = words.value.live.scheduler;
  const local = scheduler.processors.reduce((sum, p) => sum + p.run_queue + (p.run_next ? 1 : 0), 0);
  return (
    <>
      <div class="figures">
        <Figure name={figures.ps} value={scheduler.processors.length} />
        <Figure name={figures.idle} value={scheduler.idle_processors} />
        <Figure name={figures.global} value={scheduler.global_run_queue} />
        <Figure name={figures.local} value={local} />
        <Figure name={figures.ms} value={scheduler.machine_count ?? scheduler.machines.length} />
        <Figure name={figures.spinning} value={scheduler.spinning_machines} />
        <Figure name={figures.idleMs} value={scheduler.idle_machines} />
        {scheduler.goroutines_created !== null && (
          <Figure name={figures.created} value={scheduler.goroutines_created} />
        )}
      </div>
      {scheduler.gc_waiting && <p class="trouble">{gc}</p>}
    </>
  );
}

function Shown({ tick, target }: { tick: Tick; target: string }) {
  const { live } = words.value;
  if (!tick.scheduler) return <Empty title={live.scheduler.unread} />;
  return (
    <>
      <Figures scheduler={tick.scheduler} />
      <Processors tick={tick} scheduler={tick.scheduler} target={target} />
      <Machines scheduler={tick.scheduler} target={target} />
    </>
  );
}

export default function SchedulerView({ parameters }: ViewProps) {
  const id = parameters.id ?? "";
  const feed = useFeed(id, { scheduler: true });
  const tick = feed.tick.value;
  return (
    <LiveFrame feed={feed} here="scheduler" hasFilter={false}>
      {tick && <Shown tick={tick} target={id} />}
    </LiveFrame>
  );
}

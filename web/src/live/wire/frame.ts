// Frames as bytes: the format is written down in crates/live-frames/src/lib.rs.
import { type Head, head } from "./head.ts";

const VERSION = 1;
const PREAMBLE = 16;
const EVERYTHING = 1;
const PACKED = 2;
/** No frame may have more: one of sixteen million goroutines has this many. */
const BYTES_MAX = 512 * 1024 * 1024;
const ROW_BYTES = 28;
/** zlib packs no better than this: what claims to is not believed, and no room is made for it. */
const RATIO_MAX = 1_040;

/** Why a frame is refused. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Rows of a frame, column by column. They are views of the frame's own bytes. */
export interface Columns {
  readonly ids: Float64Array;
  readonly sinceMs: Float64Array;
  readonly places: Uint32Array;
  readonly cohorts: Uint32Array;
  readonly ps: Int32Array;
}

export interface Received {
  readonly head: Head;
  readonly isEverything: boolean;
  readonly rows: Columns;
}

/** Unpacks what must become `length` bytes. */
async function unpacked(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array<ArrayBuffer>> {
  if (length > bytes.length * RATIO_MAX + PREAMBLE) throw new FrameError("the frame claims more than it has");
  const into = new Uint8Array(length);
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  let at = 0;
  for (;;) {
    let part: ReadableStreamReadResult<Uint8Array>;
    try {
      part = await reader.read();
    } catch (error) {
      throw new FrameError(`the frame cannot be unpacked: ${String(error)}`);
    }
    if (part.done) break;
    if (at + part.value.length > length) {
      // Nobody waits for it: what it would say is known.
      reader.cancel().catch(() => undefined);
      throw new FrameError("the frame is longer than it says");
    }
    into.set(part.value, at);
    at += part.value.length;
  }
  if (at !== length) throw new FrameError("the frame is shorter than it says");
  return into;
}

function headOf(bytes: Uint8Array): Head {
  try {
    return head(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), "");
  } catch (error) {
    throw new FrameError(`the frame's head: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Columns can be looked at where they are if they begin at a multiple of eight, as they do in every good frame. */
function columnsOf(bytes: Uint8Array<ArrayBuffer>, count: number): Columns {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset: at } = aligned;
  return {
    ids: new Float64Array(buffer, at, count),
    sinceMs: new Float64Array(buffer, at + 8 * count, count),
    places: new Uint32Array(buffer, at + 16 * count, count),
    cohorts: new Uint32Array(buffer, at + 20 * count, count),
    ps: new Int32Array(buffer, at + 24 * count, count),
  };
}

/** Reads a frame, or throws a {@link FrameError}. */
export async function read(frame: ArrayBuffer): Promise<Received> {
  if (frame.byteLength < PREAMBLE) throw new FrameError("the frame is too short");
  const preamble = new DataView(frame);
  const version = preamble.getUint8(0);
  if (version !== VERSION)
    throw new FrameError(`the frame has version ${version}; this page knows ${VERSION}`);
  const flags = preamble.getUint8(1);
  const [headLength, count, length] = [4, 8, 12].map((at) => preamble.getUint32(at, true)) as [
    number,
    number,
    number,
  ];
  if (length > BYTES_MAX || count * ROW_BYTES + headLength !== length) {
    throw new FrameError("the frame's lengths contradict each other");
  }
  const packed = new Uint8Array(frame, PREAMBLE);
  const rest = flags & PACKED ? await unpacked(packed, length) : packed;
  if (rest.length !== length) throw new FrameError("the frame does not have the length that it says");
  return {
    head: headOf(rest.subarray(0, headLength)),
    isEverything: (flags & EVERYTHING) !== 0,
    rows: columnsOf(rest.subarray(headLength), count),
  };
}

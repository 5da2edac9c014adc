// Reads sequences of frames from a file and prints what they come to: crates/live-frames/tests/pictures/against_page.rs
// compares that with what its own side has. Not part of the page.
//
// The file: for each frame its length, 4 bytes little-endian, and its bytes; a length of 0xffffffff begins a new sequence.
// The output: a line of JSON for each frame, null if it was refused.
import { readFileSync } from "node:fs";
import { Picture } from "./picture.ts";
import { FrameError, read } from "./wire/frame.ts";

const NEW_SEQUENCE = 0xffff_ffff;

function dump(picture: Picture): unknown {
  const { head, places, ids, sinceMs, cohortOf, ps, cohorts, frames } = picture;
  return {
    number: head?.number,
    at_unix_ms: head?.at_unix_ms,
    rows: Array.from({ length: places }, (_, place) => [
      ids[place],
      sinceMs[place],
      cohortOf[place],
      ps[place],
    ]),
    cohorts: [...cohorts.values()].sort((a, b) => a.cohort - b.cohort),
    frames: [...frames.values()].sort((a, b) => a.frame - b.frame),
  };
}

async function main(path: string): Promise<void> {
  const bytes = readFileSync(path);
  let picture = new Picture();
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (length === NEW_SEQUENCE) {
      picture = new Picture();
      continue;
    }
    const frame = new Uint8Array(bytes.subarray(at, at + length)).buffer;
    at += length;
    let said: unknown = null;
    try {
      picture.apply(await read(frame));
      said = dump(picture);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}

await main(process.argv[2] ?? "");

// The state of every dot on the graphics card. What comes from the worker waits here, and each frame uploads as much as
// fits into it: all of a million dots are 8 MiB, which at once would be felt.
import type { FrameMeter } from "../../gl/frame_meter.ts";
import { texelTexture } from "../../gl/program.ts";
import { type Patch, WIDTH } from "../../live/cells/texture.ts";

/** Rows of the texture that a frame uploads: 512 KiB. */
export const ROWS_A_FRAME = 64;
const UNIT = 0;

export class StateTexture {
  readonly #gl: WebGL2RenderingContext;
  readonly #meter: FrameMeter;
  /** What is drawn from, and what is uploaded to: another one while the texture grows. */
  #shown: WebGLTexture | undefined;
  #shownHeight = 0;
  #filling: WebGLTexture | undefined;
  #height = 0;
  #waiting: Patch[] = [];
  /** In the first of those that wait: the range, its row, and where its texels are. */
  #range = 0;
  #row = 0;
  #at = 0;

  constructor(gl: WebGL2RenderingContext, meter: FrameMeter) {
    this.#gl = gl;
    this.#meter = meter;
  }

  /** Dots that there is room for in what is drawn. */
  get dots(): number {
    return this.#shownHeight * WIDTH;
  }

  /** Takes over what has changed. `false` if the texture has grown and only all of it would do. */
  take(patch: Patch): boolean {
    const isWhole = patch.ranges.length === 1 && patch.ranges[0]?.[1] === patch.height;
    if (patch.height !== this.#height) {
      if (!isWhole) return false;
      this.#grow(patch.height);
    }
    // What it replaces need not be uploaded any more.
    if (isWhole) this.#forgetWaiting();
    this.#waiting.push(patch);
    return true;
  }

  /** Uploads what a frame has room for. Whether something still waits. */
  fill(): boolean {
    let room = ROWS_A_FRAME;
    while (room > 0) {
      const patch = this.#waiting[0];
      if (!patch) break;
      const [first, rows] = patch.ranges[this.#range] ?? [0, 0];
      const count = Math.min(room, rows - this.#row);
      this.#upload(patch, first + this.#row, count);
      room -= count;
      this.#next(patch, rows, count);
    }
    if (this.#waiting.length === 0 && this.#filling) this.#show(this.#filling);
    return this.#waiting.length > 0;
  }

  /** Makes what is drawn the one that shaders see. */
  bind(): boolean {
    if (!this.#shown) return false;
    this.#gl.activeTexture(this.#gl.TEXTURE0 + UNIT);
    this.#gl.bindTexture(this.#gl.TEXTURE_2D, this.#shown);
    return true;
  }

  #grow(height: number): void {
    const gl = this.#gl;
    if (this.#filling) gl.deleteTexture(this.#filling);
    this.#filling = texelTexture(gl, UNIT);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RG32UI, WIDTH, height);
    this.#height = height;
  }

  #forgetWaiting(): void {
    this.#waiting = [];
    [this.#range, this.#row, this.#at] = [0, 0, 0];
  }

  #next(patch: Patch, rows: number, count: number): void {
    this.#row += count;
    this.#at += count * WIDTH * 2;
    if (this.#row < rows) return;
    this.#row = 0;
    this.#range += 1;
    if (this.#range < patch.ranges.length) return;
    this.#waiting.shift();
    [this.#range, this.#at] = [0, 0];
  }

  #upload(patch: Patch, row: number, rows: number): void {
    const gl = this.#gl;
    const [x, format, kind] = [0, gl.RG_INTEGER, gl.UNSIGNED_INT];
    gl.activeTexture(gl.TEXTURE0 + UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#filling ?? this.#shown ?? null);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, row, WIDTH, rows, format, kind, patch.texels, this.#at);
    this.#meter.uploaded(rows * WIDTH * 8);
  }

  #show(filled: WebGLTexture): void {
    if (this.#shown) this.#gl.deleteTexture(this.#shown);
    [this.#shown, this.#shownHeight, this.#filling] = [filled, this.#height, undefined];
  }
}

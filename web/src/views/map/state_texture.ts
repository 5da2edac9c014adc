// The state of all dots on the graphics card, and where their cells are: one texture, so that a tick needs one upload.
//
// Texels that have changed are uploaded as a list, each with its number, and the card itself puts them where they belong,
// by drawing a point for each into the state. All of a million dots are 8 MiB, which at once would be felt: they are
// uploaded row by row, as much in each frame as fits into it.
import type { FrameMeter } from "../../gl/frame_meter.ts";
import { texelTexture, Uniforms } from "../../gl/program.ts";
import { CHANGE, type Patch, WIDTH } from "../../live/cells/texture.ts";
import { CELL_ROWS, CHANGES_A_FRAME, type Upload, Waiting } from "./waiting.ts";

/** Changes are uploaded in rows of so many: few change at most ticks. */
const CHANGES_WIDE = 128;
export const STATE_UNIT = 0;
const CHANGES_UNIT = 1;

export const SCATTER = {
  vertex: `#version 300 es
precision highp float;
precision highp usampler2D;
uniform usampler2D changes;
uniform float height;
flat out uvec2 words;
void main() {
  uvec4 change = texelFetch(changes, ivec2(gl_VertexID & ${CHANGES_WIDE - 1}, gl_VertexID / ${CHANGES_WIDE}), 0);
  vec2 texel = vec2(change.x & ${WIDTH - 1}u, change.x / ${WIDTH}u) + 0.5;
  gl_Position = vec4(texel / vec2(${WIDTH}.0, height) * 2.0 - 1.0, 0.0, 1.0);
  gl_PointSize = 1.0;
  words = change.yz;
}`,
  fragment: `#version 300 es
precision highp int;
flat in uvec2 words;
out uvec2 texel;
void main() {
  texel = words;
}`,
};

export class StateTexture {
  readonly #gl: WebGL2RenderingContext;
  readonly #meter: FrameMeter;
  readonly #scatter: WebGLProgram;
  readonly #uniforms: Uniforms;
  readonly #changes: WebGLTexture;
  readonly #frame: WebGLFramebuffer;
  readonly #waiting = new Waiting();
  /** What is drawn from, and what is uploaded to: another one while the texture grows. */
  #shown: WebGLTexture | undefined;
  #shownHeight = 0;
  #filling: WebGLTexture | undefined;
  #height = 0;

  constructor(gl: WebGL2RenderingContext, scatter: WebGLProgram, meter: FrameMeter) {
    this.#gl = gl;
    this.#meter = meter;
    this.#scatter = scatter;
    this.#uniforms = new Uniforms(gl, scatter);
    this.#changes = texelTexture(gl, CHANGES_UNIT);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32UI, CHANGES_WIDE, CHANGES_A_FRAME / CHANGES_WIDE);
    this.#frame = gl.createFramebuffer();
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    gl.useProgram(scatter);
    gl.uniform1i(this.#uniforms.at("changes"), CHANGES_UNIT);
  }

  /** Dots that there is room for in what is drawn. */
  get dots(): number {
    return this.#shownHeight * WIDTH;
  }

  /** Takes over what has changed. `false` if the texture has grown and only all of it would do. */
  take(patch: Patch): boolean {
    if (patch.height !== this.#height) {
      if (!patch.isWhole) return false;
      this.#grow(patch.height);
    }
    this.#waiting.take(patch);
    return true;
  }

  /** Takes over where cells are: four numbers each, by number of cell. */
  place(cells: Float32Array): void {
    this.#waiting.place(cells);
  }

  /** Uploads what a frame has room for. Whether something still waits. Leaves another program and framebuffer behind. */
  fill(): boolean {
    const into = this.#filling ?? this.#shown;
    if (!into) return false;
    const upload = this.#waiting.next();
    if (upload) this.#upload(into, upload);
    if (!this.#waiting.isEmpty) return true;
    if (this.#filling) this.#show(this.#filling);
    return false;
  }

  /** Makes what is drawn the one that shaders see. */
  bind(): boolean {
    if (!this.#shown) return false;
    this.#gl.activeTexture(this.#gl.TEXTURE0 + STATE_UNIT);
    this.#gl.bindTexture(this.#gl.TEXTURE_2D, this.#shown);
    return true;
  }

  #grow(height: number): void {
    const gl = this.#gl;
    if (this.#filling) gl.deleteTexture(this.#filling);
    this.#filling = texelTexture(gl, STATE_UNIT);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RG32UI, WIDTH, CELL_ROWS + height);
    this.#height = height;
    this.#waiting.placeAgain();
  }

  #upload(into: WebGLTexture, upload: Upload): void {
    const gl = this.#gl;
    const [x, kind] = [0, gl.UNSIGNED_INT];
    if (upload.kind === "rows") {
      gl.activeTexture(gl.TEXTURE0 + STATE_UNIT);
      gl.bindTexture(gl.TEXTURE_2D, into);
      const { first, rows, words } = upload;
      gl.texSubImage2D(gl.TEXTURE_2D, 0, x, first, WIDTH, rows, gl.RG_INTEGER, kind, words, 0);
      this.#meter.uploaded(rows * WIDTH * 8);
      return;
    }
    const rows = Math.ceil(upload.count / CHANGES_WIDE);
    gl.activeTexture(gl.TEXTURE0 + CHANGES_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#changes);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, 0, CHANGES_WIDE, rows, gl.RGBA_INTEGER, kind, upload.words, 0);
    this.#meter.uploaded(rows * CHANGES_WIDE * CHANGE * 4);
    this.#put(into, upload.count);
  }

  /** Puts uploaded changes where they belong. */
  #put(into: WebGLTexture, count: number): void {
    const gl = this.#gl;
    const height = CELL_ROWS + this.#height;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, into, 0);
    gl.viewport(0, 0, WIDTH, height);
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    gl.useProgram(this.#scatter);
    gl.uniform1f(this.#uniforms.at("height"), height);
    gl.drawArrays(gl.POINTS, 0, count);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  #show(filled: WebGLTexture): void {
    if (this.#shown) this.#gl.deleteTexture(this.#shown);
    [this.#shown, this.#shownHeight, this.#filling] = [filled, this.#height, undefined];
  }
}

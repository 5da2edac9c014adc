// Draws the past: a texel for each stack and tick. Each tick uploads one column.
import { CIVIDIS_STOPS, cividisUniform } from "../../gl/cividis.ts";
import type { FrameMeter } from "../../gl/frame_meter.ts";
import { texelTexture, Uniforms } from "../../gl/program.ts";
import { CLUSTERS_MAX } from "../../live/stacks/clusters.ts";
import { type PastColumn, TICKS } from "../../live/stacks/past.ts";
import { ROWS_SHOWN } from "./past_order.ts";
import type { Columns } from "./past_window.ts";

const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp usampler2D;
uniform usampler2D counts;
uniform vec2 size;
uniform float bottom;
uniform int first;
uniform int ticks;
uniform vec2 seen;
uniform int rows;
uniform int order[${ROWS_SHOWN}];
uniform float most;
uniform vec3 scale[${CIVIDIS_STOPS}];
out vec4 result;
void main() {
  float y = (1.0 - (gl_FragCoord.y - bottom) / size.y) * float(rows);
  int row = min(int(y), rows - 1);
  int tick = int(floor(mix(seen.x, seen.y, gl_FragCoord.x / size.x)));
  result = vec4(0.0);
  if (tick < 0 || tick >= ticks || fract(y) < 0.08) return;
  int column = (first + tick) % ${TICKS};
  float count = float(texelFetch(counts, ivec2(column, order[row]), 0).x);
  if (count <= 0.0) return;
  float at = clamp(log(1.0 + count) / log(1.0 + most), 0.0, 1.0) * float(${CIVIDIS_STOPS - 1});
  int low = min(int(at), ${CIVIDIS_STOPS - 2});
  result = vec4(mix(scale[low], scale[low + 1], at - float(low)), 1.0);
}`;

export const PAST_DOTS = { vertex: VERTEX, fragment: FRAGMENT };

export interface PastLook {
  readonly rows: readonly number[];
  readonly seen: Columns;
  readonly most: number;
}

export class PastDots {
  readonly #gl: WebGL2RenderingContext;
  readonly #meter: FrameMeter;
  readonly #uniforms: Uniforms;
  /** Columns uploaded so far: the next one's place, if taken by the width of the ring. */
  #uploaded = 0;
  #last: PastColumn | undefined;

  constructor(gl: WebGL2RenderingContext, program: WebGLProgram, meter: FrameMeter) {
    this.#gl = gl;
    this.#meter = meter;
    this.#uniforms = new Uniforms(gl, program);
    texelTexture(gl, 0);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32UI, TICKS, CLUSTERS_MAX);
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    gl.useProgram(program);
    gl.uniform1i(this.#at("counts"), 0);
    gl.uniform3fv(this.#at("scale"), cividisUniform);
  }

  /** Uploads the columns that came since the last time: one, as a rule. */
  upload(past: readonly PastColumn[]): void {
    const known = this.#last ? past.indexOf(this.#last) : -1;
    if (known === -1) this.#uploaded = 0;
    for (let at = known + 1; at < past.length; ) {
      // As many side by side as there are before the ring begins anew.
      const x = this.#uploaded % TICKS;
      const columns = past.slice(at, at + TICKS - x);
      this.#put(x, columns);
      at += columns.length;
      this.#uploaded += columns.length;
    }
    this.#last = past.at(-1);
  }

  #put(x: number, columns: readonly PastColumn[]): void {
    const [gl, wide] = [this.#gl, columns.length];
    const texels = new Uint32Array(CLUSTERS_MAX * wide);
    for (const [index, { counts }] of columns.entries()) {
      for (let row = 0; row < counts.length; row += 1) texels[row * wide + index] = counts[row] ?? 0;
    }
    const [format, kind] = [gl.RED_INTEGER, gl.UNSIGNED_INT];
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, 0, wide, CLUSTERS_MAX, format, kind, texels);
    this.#meter.uploaded(texels.byteLength);
  }

  draw({ rows, seen, most }: PastLook): void {
    const gl = this.#gl;
    const { width } = gl.canvas;
    // The canvas has room for all rows, whether there are as many or not: another size would make it anew each time.
    const height = (gl.canvas.height / ROWS_SHOWN) * Math.max(rows.length, 1);
    gl.viewport(0, gl.canvas.height - height, width, height);
    const ticks = Math.min(this.#uploaded, TICKS);
    gl.uniform2f(this.#at("size"), width, height);
    gl.uniform1f(this.#at("bottom"), gl.canvas.height - height);
    gl.uniform1i(this.#at("first"), this.#uploaded - ticks);
    gl.uniform1i(this.#at("ticks"), ticks);
    gl.uniform2f(this.#at("seen"), seen.from, seen.until);
    gl.uniform1i(this.#at("rows"), Math.max(rows.length, 1));
    const order = new Int32Array(ROWS_SHOWN);
    order.set(rows);
    gl.uniform1iv(this.#at("order"), order);
    gl.uniform1f(this.#at("most"), Math.max(most, 1));
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #at(name: string): WebGLUniformLocation | null {
    return this.#uniforms.at(name);
  }
}

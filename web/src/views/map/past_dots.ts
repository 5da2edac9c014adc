// Draws the past: a texel for each stack and tick. Each tick uploads one column.
import { CIVIDIS_STOPS, cividisUniform } from "../../gl/cividis.ts";
import type { FrameMeter } from "../../gl/frame_meter.ts";
import { program, texelTexture } from "../../gl/program.ts";
import { CLUSTERS_MAX } from "../../live/stacks/clusters.ts";
import { type PastColumn, TICKS } from "../../live/stacks/past.ts";
import { ROWS_SHOWN } from "./past_order.ts";

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
uniform int first;
uniform int ticks;
uniform int shown;
uniform int rows;
uniform int order[${ROWS_SHOWN}];
uniform float most;
uniform vec3 scale[${CIVIDIS_STOPS}];
out vec4 result;
void main() {
  float y = (1.0 - gl_FragCoord.y / size.y) * float(rows);
  int row = min(int(y), rows - 1);
  int age = int((1.0 - gl_FragCoord.x / size.x) * float(shown));
  result = vec4(0.0);
  if (age >= ticks || fract(y) < 0.08) return;
  int column = (first + ticks - 1 - age) % ${TICKS};
  float count = float(texelFetch(counts, ivec2(column, order[row]), 0).x);
  if (count <= 0.0) return;
  float at = clamp(log(1.0 + count) / log(1.0 + most), 0.0, 1.0) * float(${CIVIDIS_STOPS - 1});
  int low = min(int(at), ${CIVIDIS_STOPS - 2});
  result = vec4(mix(scale[low], scale[low + 1], at - float(low)), 1.0);
}`;

export interface PastLook {
  readonly rows: readonly number[];
  /** Ticks that there is room for: what is older is not seen. */
  readonly shown: number;
  readonly most: number;
}

export class PastDots {
  readonly #gl: WebGL2RenderingContext;
  readonly #meter: FrameMeter;
  readonly #program: WebGLProgram;
  /** Columns uploaded so far: the next one's place, if taken by the width of the ring. */
  #uploaded = 0;
  #last: PastColumn | undefined;

  static on(canvas: HTMLCanvasElement, meter: FrameMeter): PastDots | undefined {
    const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
    return gl ? new PastDots(gl, meter) : undefined;
  }

  private constructor(gl: WebGL2RenderingContext, meter: FrameMeter) {
    this.#gl = gl;
    this.#meter = meter;
    this.#program = program(gl, VERTEX, FRAGMENT);
    texelTexture(gl, 0);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32UI, TICKS, CLUSTERS_MAX);
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    gl.useProgram(this.#program);
    gl.uniform1i(this.#at("counts"), 0);
    gl.uniform3fv(this.#at("scale"), cividisUniform);
  }

  /** Uploads the columns that came since the last time: one, as a rule. */
  upload(past: readonly PastColumn[]): void {
    const known = this.#last ? past.indexOf(this.#last) : -1;
    if (known === -1) this.#uploaded = 0;
    for (const column of past.slice(known + 1)) {
      const texels = new Uint32Array(CLUSTERS_MAX);
      texels.set(column.counts);
      const x = this.#uploaded % TICKS;
      this.#gl.texSubImage2D(
        this.#gl.TEXTURE_2D,
        0,
        x,
        0,
        1,
        CLUSTERS_MAX,
        this.#gl.RED_INTEGER,
        this.#gl.UNSIGNED_INT,
        texels,
      );
      this.#meter.uploaded(texels.byteLength);
      this.#uploaded += 1;
      this.#last = column;
    }
  }

  draw({ rows, shown, most }: PastLook): void {
    const gl = this.#gl;
    const { width, height } = gl.canvas;
    gl.viewport(0, 0, width, height);
    const ticks = Math.min(this.#uploaded, TICKS);
    gl.uniform2f(this.#at("size"), width, height);
    gl.uniform1i(this.#at("first"), this.#uploaded - ticks);
    gl.uniform1i(this.#at("ticks"), ticks);
    gl.uniform1i(this.#at("shown"), shown);
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
    return this.#gl.getUniformLocation(this.#program, name);
  }
}

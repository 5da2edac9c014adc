// Draws the dots: one point each, placed by the graphics card from its cell and rank.
import { CIVIDIS_STOPS, cividisUniform } from "../../gl/cividis.ts";
import type { FrameMeter } from "../../gl/frame_meter.ts";
import { rgb, Uniforms } from "../../gl/program.ts";
import { WIDTH } from "../../live/cells/texture.ts";
import { colour } from "../../theme/theme.ts";
import type { Camera } from "./camera.ts";
import type { Geometry } from "./geometry.ts";
import { SCATTER, STATE_UNIT, StateTexture } from "./state_texture.ts";
import { CELL_ROWS, CELL_WORDS, CELLS } from "./waiting.ts";

const VERTEX = `#version 300 es
precision highp float;
precision highp usampler2D;
uniform usampler2D state;
uniform vec2 size;
uniform vec3 camera;
uniform float ratio;
uniform float nowS;
uniform bool byAge;
uniform vec3 palette[9];
uniform vec3 scale[${CIVIDIS_STOPS}];
uniform vec3 unknown;
uniform vec3 ground;
out vec4 tint;
out float radius;

vec3 age(float s) {
  float at = clamp(log(1.0 + s) / log(86401.0), 0.0, 1.0) * float(${CIVIDIS_STOPS - 1});
  int low = min(int(at), ${CIVIDIS_STOPS - 2});
  return mix(scale[low], scale[low + 1], at - float(low));
}

uvec2 stateAt(int index) {
  return texelFetch(state, ivec2(index & ${WIDTH - 1}, index / ${WIDTH}), 0).xy;
}

void main() {
  uvec2 texel = stateAt(${CELL_ROWS * WIDTH} + gl_VertexID);
  int first = int(texel.y & 0xfffu) * 2;
  vec4 cell = uintBitsToFloat(uvec4(stateAt(first), stateAt(first + 1)));
  gl_Position = vec4(2.0, 2.0, 0.0, 1.0);
  gl_PointSize = 1.0;
  tint = vec4(0.0);
  radius = 0.0;
  if (cell.z <= 0.0) return;
  uint rank = texel.x & 0xffffffu;
  uint perRow = uint(abs(cell.w));
  vec2 at = vec2(float(rank % perRow) + 0.5, (float(rank / perRow) + 0.5) * sign(cell.w)) * cell.z + cell.xy;
  vec2 screen = (at * camera.z + camera.xy) / size * 2.0 - 1.0;
  gl_Position = vec4(screen.x, -screen.y, 0.0, 1.0);
  float pitch = cell.z * camera.z * ratio;
  // Dots that are hardly apart become an area without holes.
  gl_PointSize = clamp(pitch > 3.0 ? pitch * 0.84 : ceil(pitch + 0.3), 1.0, 48.0);
  radius = gl_PointSize;
  uint since = texel.y >> 12;
  vec3 shown = palette[(texel.x >> 24) & 15u];
  if (byAge) shown = since == 0xfffffu ? unknown : age(max(0.0, nowS - float(since)));
  bool matches = ((texel.x >> 28) & 1u) == 1u;
  // Opaque: dots that share pixels would look like stripes otherwise.
  tint = vec4(matches ? shown : mix(ground, shown, 0.13), 1.0);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
in float radius;
out vec4 result;
void main() {
  float cover = 1.0;
  if (radius > 4.0) {
    float apart = length(gl_PointCoord - 0.5) * radius;
    cover = clamp(radius * 0.5 - apart + 0.5, 0.0, 1.0);
  }
  result = vec4(tint.rgb, 1.0) * tint.a * cover;
}`;

export const DOTS = [{ vertex: VERTEX, fragment: FRAGMENT }, SCATTER] as const;

export interface Look {
  readonly camera: Camera;
  readonly byAge: boolean;
  readonly nowS: number;
  readonly width: number;
  readonly height: number;
}

export class Dots {
  readonly state: StateTexture;
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniforms: Uniforms;

  /** Takes over the programs of {@link DOTS}. */
  constructor(
    gl: WebGL2RenderingContext,
    [program, scatter]: readonly [WebGLProgram, WebGLProgram],
    meter: FrameMeter,
  ) {
    this.#gl = gl;
    this.#program = program;
    this.#uniforms = new Uniforms(gl, program);
    this.state = new StateTexture(gl, scatter, meter);
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    gl.useProgram(program);
    gl.uniform1i(this.#uniforms.at("state"), STATE_UNIT);
    gl.uniform3fv(this.#uniforms.at("scale"), cividisUniform);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.recolour();
  }

  /** Takes the palette's colours as they are now. */
  recolour(): void {
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    this.#gl.useProgram(this.#program);
    const names = ["series-rest", ...Array.from({ length: 8 }, (_, index) => `series-${index + 1}`)];
    this.#gl.uniform3fv(
      this.#uniforms.at("palette"),
      names.flatMap((name) => rgb(colour(name))),
    );
    this.#gl.uniform3fv(this.#uniforms.at("ground"), rgb(colour("surface")));
    this.#gl.uniform3fv(this.#uniforms.at("unknown"), rgb(colour("line-strong")));
  }

  /** Takes over where cells are. */
  place(geometry: Geometry): void {
    const cells = new Float32Array(CELLS * CELL_WORDS);
    for (const { cell, x, y, height, pitch, perRow, isPile } of geometry.blocks) {
      cells.set([x, isPile ? y + height : y, pitch, isPile ? -perRow : perRow], cell * CELL_WORDS);
    }
    this.state.place(cells);
  }

  /** Draws. Whether it wants to be called again: not all that has changed is uploaded yet. */
  draw(look: Look, places: number): boolean {
    const gl = this.#gl;
    const isIncomplete = this.state.fill();
    const { canvas } = gl;
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    gl.useProgram(this.#program);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.state.bind()) return isIncomplete;
    gl.uniform2f(this.#uniforms.at("size"), look.width, look.height);
    gl.uniform3f(this.#uniforms.at("camera"), look.camera.x, look.camera.y, look.camera.zoom);
    gl.uniform1f(this.#uniforms.at("ratio"), canvas.width / Math.max(look.width, 1));
    gl.uniform1f(this.#uniforms.at("nowS"), look.nowS);
    gl.uniform1i(this.#uniforms.at("byAge"), look.byAge ? 1 : 0);
    gl.drawArrays(gl.POINTS, 0, Math.min(places, this.state.dots));
    return isIncomplete;
  }
}

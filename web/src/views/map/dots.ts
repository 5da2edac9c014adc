// Draws the dots: one point each, placed by the graphics card from its cell and rank.
import { CIVIDIS_STOPS, cividisUniform } from "../../gl/cividis.ts";
import type { FrameMeter } from "../../gl/frame_meter.ts";
import { program, rgb, texelTexture } from "../../gl/program.ts";
import { type Patch, WIDTH } from "../../live/cells/texture.ts";
import { colour } from "../../theme/theme.ts";
import type { Camera } from "./camera.ts";
import type { Geometry } from "./geometry.ts";

const CELLS = 4_096;

const VERTEX = `#version 300 es
precision highp float;
precision highp usampler2D;
uniform usampler2D state;
uniform sampler2D cells;
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

void main() {
  uvec2 texel = texelFetch(state, ivec2(gl_VertexID & ${WIDTH - 1}, gl_VertexID / ${WIDTH}), 0).xy;
  vec4 cell = texelFetch(cells, ivec2(texel.y & 0xfffu, 0), 0);
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

export interface Look {
  readonly camera: Camera;
  readonly byAge: boolean;
  readonly nowS: number;
  readonly width: number;
  readonly height: number;
}

export class Dots {
  readonly #gl: WebGL2RenderingContext;
  readonly #meter: FrameMeter;
  readonly #program: WebGLProgram;
  readonly #state: WebGLTexture;
  readonly #cells: WebGLTexture;
  readonly #uniforms = new Map<string, WebGLUniformLocation | null>();
  #height = 0;

  /** `undefined` where there is no WebGL 2. */
  static on(canvas: HTMLCanvasElement, meter: FrameMeter): Dots | undefined {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      premultipliedAlpha: true,
      powerPreference: "low-power",
    });
    return gl ? new Dots(gl, meter) : undefined;
  }

  private constructor(gl: WebGL2RenderingContext, meter: FrameMeter) {
    this.#gl = gl;
    this.#meter = meter;
    this.#program = program(gl, VERTEX, FRAGMENT);
    this.#state = texelTexture(gl, 0);
    this.#cells = texelTexture(gl, 1);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, CELLS, 1);
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook.
    gl.useProgram(this.#program);
    gl.uniform1i(this.#at("state"), 0);
    gl.uniform1i(this.#at("cells"), 1);
    gl.uniform3fv(this.#at("scale"), cividisUniform);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.recolour();
  }

  /** Takes the palette's colours as they are now. */
  recolour(): void {
    const names = ["series-rest", ...Array.from({ length: 8 }, (_, index) => `series-${index + 1}`)];
    this.#gl.uniform3fv(
      this.#at("palette"),
      names.flatMap((name) => rgb(colour(name))),
    );
    this.#gl.uniform3fv(this.#at("ground"), rgb(colour("surface")));
    this.#gl.uniform3fv(this.#at("unknown"), rgb(colour("line-strong")));
  }

  /** Uploads what has changed. `false` if the texture has grown and only all of it would do. */
  upload(patch: Patch): boolean {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#state);
    if (patch.height !== this.#height) {
      if (patch.ranges[0]?.[1] !== patch.height) return false;
      gl.texImage2D(
        gl.TEXTURE_2D,
        0,
        gl.RG32UI,
        WIDTH,
        patch.height,
        0,
        gl.RG_INTEGER,
        gl.UNSIGNED_INT,
        null,
      );
      this.#height = patch.height;
    }
    let at = 0;
    for (const [first, rows] of patch.ranges) {
      gl.texSubImage2D(
        gl.TEXTURE_2D,
        0,
        0,
        first,
        WIDTH,
        rows,
        gl.RG_INTEGER,
        gl.UNSIGNED_INT,
        patch.texels,
        at,
      );
      at += rows * WIDTH * 2;
    }
    this.#meter.uploaded(patch.texels.byteLength);
    return true;
  }

  place(geometry: Geometry): void {
    const gl = this.#gl;
    const texels = new Float32Array(CELLS * 4);
    for (const { cell, x, y, height, pitch, perRow, isPile } of geometry.blocks) {
      texels.set([x, isPile ? y + height : y, pitch, isPile ? -perRow : perRow], cell * 4);
    }
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#cells);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, CELLS, 1, gl.RGBA, gl.FLOAT, texels);
  }

  draw(look: Look, places: number): void {
    const gl = this.#gl;
    const { canvas } = gl;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.#at("size"), look.width, look.height);
    gl.uniform3f(this.#at("camera"), look.camera.x, look.camera.y, look.camera.zoom);
    gl.uniform1f(this.#at("ratio"), canvas.width / Math.max(look.width, 1));
    gl.uniform1f(this.#at("nowS"), look.nowS);
    gl.uniform1i(this.#at("byAge"), look.byAge ? 1 : 0);
    gl.drawArrays(gl.POINTS, 0, Math.min(places, this.#height * WIDTH));
  }

  #at(name: string): WebGLUniformLocation | null {
    const known = this.#uniforms.get(name);
    if (known !== undefined) return known;
    const found = this.#gl.getUniformLocation(this.#program, name);
    this.#uniforms.set(name, found);
    return found;
  }
}

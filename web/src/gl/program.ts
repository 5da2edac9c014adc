// The little of WebGL 2 that all pictures need.

/** A program that the graphics card's driver compiles, in another thread where it can. */
export interface Compiling {
  /** Whether asking for it would not wait. */
  readonly isReady: () => boolean;
  /** The program. Waits for it; throws with the compiler's words if it does not compile. */
  readonly finish: () => WebGLProgram;
}

/** What a program is made of. */
export interface Shaders {
  readonly vertex: string;
  readonly fragment: string;
}

/** Begins to compile a program. */
export function compiling(gl: WebGL2RenderingContext, { vertex, fragment }: Shaders): Compiling {
  const parallel = gl.getExtension("KHR_parallel_shader_compile");
  const linked = gl.createProgram();
  const shaders = [shaderOf(gl, gl.VERTEX_SHADER, vertex), shaderOf(gl, gl.FRAGMENT_SHADER, fragment)];
  for (const shader of shaders) gl.attachShader(linked, shader);
  // Asking how it went would wait for the compiler: that comes when it is done.
  gl.linkProgram(linked);
  return {
    isReady: () => !parallel || gl.getProgramParameter(linked, parallel.COMPLETION_STATUS_KHR) === true,
    finish: () => {
      if (gl.getProgramParameter(linked, gl.LINK_STATUS)) return linked;
      const said = shaders.map((shader) => gl.getShaderInfoLog(shader) ?? "").join("\n");
      throw new Error(`${gl.getProgramInfoLog(linked) ?? "a program does not link"}\n${said}`);
    },
  };
}

function shaderOf(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
  const shader = gl.createShader(kind);
  if (!shader) throw new Error("the graphics context is lost");
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

/** A texture that is read texel by texel. */
export function texelTexture(gl: WebGL2RenderingContext, unit: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const which of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, which, gl.NEAREST);
  }
  for (const which of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, which, gl.CLAMP_TO_EDGE);
  }
  return texture;
}

/** Where the variables of a program are: each is asked for once. */
export class Uniforms {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #known = new Map<string, WebGLUniformLocation | null>();

  constructor(gl: WebGL2RenderingContext, program: WebGLProgram) {
    this.#gl = gl;
    this.#program = program;
  }

  at(name: string): WebGLUniformLocation | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = this.#gl.getUniformLocation(this.#program, name);
    this.#known.set(name, found);
    return found;
  }
}

/** `#rrggbb` of the palette, which the build may shorten to `#rgb`, as three numbers from 0 to 1. */
export function rgb(hex: string): [number, number, number] {
  const digits = hex.length === 4 ? hex.slice(1).replace(/./g, "$&$&") : hex.slice(1);
  const number = Number.parseInt(digits, 16);
  const part = (shift: number) => ((number >> shift) & 255) / 255;
  return [part(16), part(8), part(0)];
}

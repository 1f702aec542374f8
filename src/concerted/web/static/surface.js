// Lines and dots by WebGL 2: one canvas, two programs, everything that does not change kept on the card.

const LINES = `#version 300 es
uniform vec2 centre, scale, size;
in vec2 corner, from, to;
in float width;
in vec4 colour;
out vec4 shade;
void main() {
  vec2 a = (from - centre) * scale, b = (to - centre) * scale;
  vec2 along = normalize(b - a + vec2(1e-6, 0.0));
  vec2 place = mix(a, b, corner.x) + vec2(-along.y, along.x) * corner.y * width;
  gl_Position = vec4(place / size * 2.0, 0.0, 1.0);
  shade = colour;
}`;
const DOTS = `#version 300 es
uniform vec2 centre, scale, size;
in vec2 place;
in float width;
in vec4 colour;
out vec4 shade;
void main() {
  gl_Position = vec4((place - centre) * scale / size * 2.0, 0.0, 1.0);
  gl_PointSize = width;
  shade = colour;
}`;
const FLAT = `#version 300 es
precision mediump float;
in vec4 shade;
out vec4 seen;
void main() { seen = vec4(shade.rgb * shade.a, shade.a); }`;
const ROUND = `#version 300 es
precision mediump float;
in vec4 shade;
out vec4 seen;
void main() {
  float far = length(gl_PointCoord - 0.5) * 2.0;
  float alpha = shade.a * (1.0 - smoothstep(0.85, 1.0, far));
  seen = vec4(shade.rgb * alpha, alpha);
}`;

// the surface of a canvas, or null where there is no WebGL 2; smooth edges cost time with many lines
export function surface(canvas, smooth) {
  const gl = canvas.getContext("webgl2", { antialias: smooth, powerPreference: "low-power" });
  if (!gl) return null;
  const lines = layer(gl, LINES, FLAT, { from: 2, to: 2, width: 1, colour: 4 }, true);
  const dots = layer(gl, DOTS, ROUND, { place: 2, width: 1, colour: 4 }, false);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  return {
    lines: lines.fill,
    dots: dots.fill,
    // view: centre in the coordinates of the data, scale in pixels per unit; of the lines the last share is drawn
    draw(view, share = 1) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      lines.draw(view, [canvas.width, canvas.height], share);
      dots.draw(view, [canvas.width, canvas.height], 1);
    },
  };
}

// one program with its rows: an array of numbers, as many per row as `parts` says
function layer(gl, vertex, fragment, parts, quads) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  // asking the card where something is waits for all that it has to do, so it is asked once
  const known = (names, ask) => Object.fromEntries(names.map((name) => [name, ask.call(gl, program, name)]));
  const places = known([...Object.keys(parts), ...(quads ? ["corner"] : [])], gl.getAttribLocation);
  const uniforms = known(["centre", "scale", "size"], gl.getUniformLocation);
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  if (quads) {
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, -0.5, 0, 0.5, 1, -0.5, 1, 0.5]), gl.STATIC_DRAW);
    enable("corner", 2, 8, 0, 0);
  }
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  const row = Object.values(parts).reduce((sum, part) => sum + part, 0);
  let count = 0;

  function from(first) {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    let offset = first * row;
    for (const [name, part] of Object.entries(parts)) {
      enable(name, part, 4 * row, 4 * offset, quads ? 1 : 0);
      offset += part;
    }
  }

  function enable(name, part, stride, start, divisor) {
    const at = places[name];
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, part, gl.FLOAT, false, stride, start);
    gl.vertexAttribDivisor(at, divisor);
  }

  return {
    fill(rows) {
      count = rows.length;
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(rows.flat()), gl.DYNAMIC_DRAW);
    },
    draw({ centre, scale }, size, share) {
      if (!count) return;
      const some = Math.ceil(count * share);
      gl.useProgram(program);
      gl.bindVertexArray(array);
      from(count - some);
      for (const [name, value] of Object.entries({ centre, scale, size })) {
        gl.uniform2fv(uniforms[name], value);
      }
      if (quads) gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, some);
      else gl.drawArrays(gl.POINTS, 0, some);
    },
  };
}

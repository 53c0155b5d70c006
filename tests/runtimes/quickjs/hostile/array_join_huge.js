function handler(event) { return { statusCode: 200, body: new Array(4294967295).join('x') }; }

function handler(event) { return JSON.parse('[1,2]', function (k, v) { this[2] = [1, 2, { a: this }]; return [v, v, [v]]; }); }

function handler(event) { var o = {}; for (var i = 0; i < 3000; i++) o = Object.create(o); for (;;) o.missing; }

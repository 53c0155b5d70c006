function handler(event) { var o = {}; var top = o; for (var i = 0; i < 20000; i++) o = Object.create(o); for (;;) top.isPrototypeOf(o), o.missing; }

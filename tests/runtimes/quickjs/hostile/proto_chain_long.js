function handler(event) { var o = {}; for (;;) o = Object.create(o); }

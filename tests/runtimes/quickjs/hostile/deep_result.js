function handler(event) { var o = {}; for (var i = 0; i < 5000; i++) o = [o]; return o; }

function handler(event) { return JSON.parse('['.repeat(100000)); }

// What a handler returned, on its way out: JSON text, as JSON.stringify would write it, but in the order in which the
// properties were added, as njs does. Only plain data is written here: objects and arrays as they come from literals and
// from the event, text, numbers and booleans. At anything else (a getter, toJSON, a cycle, a Date) the answer is no, and
// JSON.stringify has to do it; nothing of the user's code was run until then.

#define RESULT_DEPTH 50

struct result_text {
    JSContext *ctx;
    char *at, *end;
    int depth;
};

static bool write_plain(struct result_text *out, JSValueConst value);

static bool put(struct result_text *out, const char *text, size_t length) {
    if (length > (size_t)(out->end - out->at))
        return false;
    copy_text((uint8_t *)out->at, text, length);
    out->at += length;
    return true;
}

static bool put_one(struct result_text *out, char c) {
    if (out->at == out->end)
        return false;
    *out->at++ = c;
    return true;
}

static char *put_unit(char *at, uint32_t unit) {
    static const char digits[] = "0123456789abcdef";
    *at++ = '\\', *at++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *at++ = digits[unit >> shift & 15];
    return at;
}

static char *put_char(char *at, uint32_t c) {
    if (c == '"' || c == '\\')
        *at++ = '\\', *at++ = c;
    else if (c < 0x20 || (c >= 0xd800 && c < 0xe000))
        return put_unit(at, c);
    else if (c < 0x80)
        *at++ = c;
    else if (c < 0x800)
        *at++ = 0xc0 | c >> 6, *at++ = 0x80 | (c & 63);
    else if (c < 0x10000)
        *at++ = 0xe0 | c >> 12, *at++ = 0x80 | (c >> 6 & 63), *at++ = 0x80 | (c & 63);
    else
        *at++ = 0xf0 | c >> 18, *at++ = 0x80 | (c >> 12 & 63), *at++ = 0x80 | (c >> 6 & 63), *at++ = 0x80 | (c & 63);
    return at;
}

// Copies up to sixteen characters that need no escape, and answers how many. Both sides may be touched past the end.
static uint32_t plain_chars(char *to, const uint8_t *from, uint32_t length) {
    v128_t chars = wasm_v128_load(from);
    v128_t special = wasm_v128_or(wasm_i8x16_eq(chars, wasm_i8x16_splat('"')), wasm_i8x16_eq(chars, wasm_i8x16_splat('\\')));
    special = wasm_v128_or(special, wasm_i8x16_lt(chars, wasm_i8x16_splat(0x20))); // signed: from 0x80 on too
    uint32_t stops = wasm_i8x16_bitmask(special);
    uint32_t plain = stops ? __builtin_ctz(stops) : 16;
    wasm_v128_store(to, chars);
    return plain < length ? plain : length;
}

static bool put_string(struct result_text *out, JSString *string) {
    uint32_t length = string->len;
    if (length * 6 + 2 + 16 > (size_t)(out->end - out->at))
        return false;
    char *at = out->at;
    *at++ = '"';
    if (!string->is_wide_char) {
        const uint8_t *chars = str8(string);
        for (uint32_t i = 0; i < length;) {
            uint32_t plain = plain_chars(at, chars + i, length - i);
            at += plain, i += plain;
            if (plain < 16 && i < length)
                at = put_char(at, chars[i++]);
        }
    } else {
        const uint16_t *units = str16(string);
        for (uint32_t i = 0; i < length; i++) {
            uint32_t c = units[i];
            if (c >= 0xd800 && c < 0xdc00 && i + 1 < length && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000)
                c = 0x10000 + ((c & 0x3ff) << 10) + (units[++i] & 0x3ff);
            at = put_char(at, c);
        }
    }
    *at++ = '"';
    out->at = at;
    return true;
}

static bool put_key(struct result_text *out, JSAtom key) {
    if (__JS_AtomIsTaggedInt(key)) {
        char text[16];
        size_t length = snprintf(text, sizeof text, "\"%u\"", __JS_AtomToUInt32(key));
        return put(out, text, length);
    }
    return put_string(out, out->ctx->rt->atom_array[key]);
}

static bool write_object(struct result_text *out, JSObject *object) {
    bool first = true;
    JSShapeProperty *property = get_shape_prop(object->shape);
    if (!put_one(out, '{'))
        return false;
    for (int i = 0; i < object->shape->prop_count; i++, property++) {
        JSValue value = object->prop[i].u.value;
        const char *text = NULL;
        uint32_t length;
        if (property->atom == JS_ATOM_NULL || !(property->flags & JS_PROP_ENUMERABLE))
            continue;
        if ((property->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT)
            text = text_put_off(&object->prop[i], &length);
        if ((property->flags & JS_PROP_TMASK && !text) || property->atom == JS_ATOM_toJSON)
            return false;
        if (!text && (JS_IsUndefined(value) || JS_AtomGetKind(out->ctx, property->atom) != JS_ATOM_KIND_STRING))
            continue;
        if (!(first || put_one(out, ',')) || !put_key(out, property->atom) || !put_one(out, ':'))
            return false;
        if (!(text ? put(out, text, length) : write_plain(out, value)))
            return false;
        first = false;
    }
    return put_one(out, '}');
}

static bool write_array(struct result_text *out, JSObject *array) {
    uint32_t count = array->u.array.count;
    if (!array->fast_array || JS_VALUE_GET_INT(array->prop[0].u.value) != count || array->shape->prop_count > 1)
        return false;
    if (!put_one(out, '['))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        JSValue value = array->u.array.u.values[i];
        if (!(i == 0 || put_one(out, ',')) || !(JS_IsUndefined(value) ? put(out, "null", 4) : write_plain(out, value)))
            return false;
    }
    return put_one(out, ']');
}

static bool write_container(struct result_text *out, JSObject *object) {
    JSObject *prototype = object->shape->proto;
    JSClassID class_id = object->class_id;
    if (class_id != JS_CLASS_OBJECT && class_id != JS_CLASS_ARRAY)
        return false;
    if (prototype && prototype != JS_VALUE_GET_OBJ(out->ctx->class_proto[class_id]))
        return false;
    if (out->depth == RESULT_DEPTH)
        return false;
    out->depth++;
    bool written = class_id == JS_CLASS_OBJECT ? write_object(out, object) : write_array(out, object);
    out->depth--;
    return written;
}

static bool write_number(struct result_text *out, double number) {
    char text[32];
    JSDTOATempMem memory;
    if (!isfinite(number))
        return put(out, "null", 4);
    return put(out, text, js_dtoa(text, number, 10, 0, JS_DTOA_FORMAT_FREE, &memory));
}

static bool write_plain(struct result_text *out, JSValueConst value) {
    char text[16];
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_OBJECT: return write_container(out, JS_VALUE_GET_OBJ(value));
    case JS_TAG_STRING: return put_string(out, JS_VALUE_GET_STRING(value));
    case JS_TAG_INT: return put(out, text, i32toa(text, JS_VALUE_GET_INT(value)));
    case JS_TAG_FLOAT64: return write_number(out, JS_VALUE_GET_FLOAT64(value));
    case JS_TAG_BOOL: return JS_VALUE_GET_BOOL(value) ? put(out, "true", 4) : put(out, "false", 5);
    case JS_TAG_NULL: return put(out, "null", 4);
    default: return false;
    }
}

// Whether `value` was written to the `size` bytes at `text`; how many it took.
static bool write_result(JSContext *ctx, JSValueConst value, char *text, size_t size, uint32_t *length) {
    struct result_text out = { ctx, text, text + size, 0 };
    JSClassID classes[] = { JS_CLASS_OBJECT, JS_CLASS_ARRAY };
    for (int i = 0; i < 2; i++)
        if (JS_HasProperty(ctx, ctx->class_proto[classes[i]], JS_ATOM_toJSON))
            return false;
    if (!write_plain(&out, value))
        return false;
    *length = out.at - text;
    return true;
}

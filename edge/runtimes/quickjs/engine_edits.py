"""Edits of QuickJS-ng's source, made before the guest is compiled: njs's words for errors, and places.

CloudFront shows the messages of njs, and a function that catches an error may read them, so the engine itself must
speak them. A call that is stopped says where it was, so a jump remembers its place; nothing polls for interrupts here.
Each edit is (how often the text occurs, the text in quickjs.c, the text in its place); an edit that does not fit stops
the build. Source: what njs 0.7.9 prints for each error.
Not modelled: the messages that are not here, and the name in `a[i]()` when the element is not a function.
"""

from __future__ import annotations

from typing import NamedTuple


class Edit(NamedTuple):
    """`occurrences` of `old` become `new`."""

    occurrences: int
    old: str
    new: str


def _message(count: int, old: str, new: str) -> Edit:
    return Edit(count, f'"{old}"', f'"{new}"')


_PLACE = "                sf->cur_pc = pc;\n"

_AT_TOKEN = 'json_parse_error(s, s->token.ptr, "")'

_NOT_EXTENSIBLE = 'ret = JS_ThrowTypeErrorOrFalse(ctx, flags, "object is not extensible");'
_ADD = r'"Cannot add property \"%s\", object is not extensible", JS_AtomGetStr(ctx, (char[64]){0}, 64, prop)'

EDITS = (
    # Reading and writing on nothing.
    _message(2, "cannot read property '%s' of null", r"cannot get property \"%s\" of null"),
    _message(2, "cannot read property '%s' of undefined", r"cannot get property \"%s\" of undefined"),
    _message(1, "cannot set property '%s' of null", "property set on primitive null type"),
    _message(1, "cannot set property '%s' of undefined", "property set on primitive undefined type"),
    # Names.
    _message(1, "%s is not defined", r"\"%s\" is not defined"),
    _message(1, "%s is not initialized", "cannot access variable before initialization"),
    Edit(
        1,
        "JS_ThrowTypeErrorReadOnly(ctx, JS_PROP_THROW, atom);",
        'JS_ThrowTypeError(ctx, "assignment to constant variable");',
    ),
    # Objects that resist.
    _message(1, "'%s' is read-only", r"Cannot assign to read-only property \"%s\" of object"),
    Edit(2, _NOT_EXTENSIBLE, f"ret = JS_ThrowTypeErrorOrFalse(ctx, flags, {_ADD});"),
    Edit(
        1,
        'return JS_ThrowTypeErrorOrFalse(ctx, flags, "object is not extensible");',
        f"return JS_ThrowTypeErrorOrFalse(ctx, flags, {_ADD});",
    ),
    Edit(
        1,
        'JS_ThrowTypeError(ctx, "could not delete property");',
        r'JS_ThrowTypeErrorAtom(ctx, "Cannot delete property \"%s\" of object", prop);',
    ),
    Edit(
        1,
        "        not_configurable:\n"
        '            return JS_ThrowTypeErrorOrFalse(ctx, flags, "property is not configurable");',
        "        not_configurable:\n"
        r'            return JS_ThrowTypeErrorOrFalse(ctx, flags, "Cannot redefine property: \"%s\"",'
        " JS_AtomGetStr(ctx, (char[64]){0}, 64, prop));",
    ),
    _message(1, "Property description must be an object", "descriptor is not an object"),
    _message(
        1,
        "Invalid property descriptor. Cannot both specify accessors and a value or writable attribute",
        "Cannot both specify accessors and a value or writable attribute",
    ),
    Edit(
        1,
        'JS_ThrowTypeError(ctx, "object prototype may only be an Object or null");',
        'JS_ThrowTypeError(ctx, "prototype may only be an object or null: %s", njs_type(ctx, proto));',
    ),
    _message(1, "Cannot convert undefined or null to object", "cannot convert null or undefined to object"),
    Edit(
        1,
        "    obj = JS_ToObject(ctx, obj1);\n"
        "    if (JS_IsException(obj))\n        return JS_EXCEPTION;\n"
        "    p = JS_VALUE_GET_OBJ(obj);\n"
        "    if (JS_GetOwnPropertyNamesInternal(ctx, &atoms,",
        "    if (JS_IsNull(obj1) || JS_IsUndefined(obj1))\n"
        '        return JS_ThrowTypeError(ctx, "cannot convert %s argument to object", njs_type(ctx, obj1));\n'
        "    obj = JS_ToObject(ctx, obj1);\n"
        "    if (JS_IsException(obj))\n        return JS_EXCEPTION;\n"
        "    p = JS_VALUE_GET_OBJ(obj);\n"
        "    if (JS_GetOwnPropertyNamesInternal(ctx, &atoms,",
    ),
    _message(1, "null or undefined are forbidden", "cannot convert undefined to object"),
    # Properties in the order in which they were added, also those with a number for a name.
    Edit(
        2,
        "if (JS_AtomIsArrayIndex(ctx, &num_key, atom)) {",
        "if (p->class_id != JS_CLASS_OBJECT && JS_AtomIsArrayIndex(ctx, &num_key, atom)) {",
    ),
    # Calling what cannot be called: `a.b()` names b, anything else its type.
    Edit(
        1,
        "static JSValue JS_ThrowTypeErrorNotAFunction(JSContext *ctx)\n{\n"
        '    return JS_ThrowTypeError(ctx, "not a function");',
        "static int js_operator_typeof(JSContext *ctx, JSValue op1);\n\n"
        "static const char *njs_type(JSContext *ctx, JSValueConst value)\n{\n"
        "    return JS_IsNull(value)\n"
        '        ? "null"\n'
        "        : JS_AtomGetStr(ctx, (char[64]){0}, 64, js_operator_typeof(ctx, value));\n}\n\n"
        "static JSAtom njs_method;\n\n"
        "static JSValue JS_ThrowTypeErrorNotAFunction(JSContext *ctx)\n{\n"
        '    return JS_ThrowTypeError(ctx, "callback argument is not callable");',
    ),
    Edit(
        1,
        "return JS_ThrowTypeErrorNotAFunction(caller_ctx);",
        'return JS_ThrowTypeError(caller_ctx, "%s is not a function", njs_type(caller_ctx, func_obj));',
    ),
    Edit(
        1,
        "        not_a_function:\n            return JS_ThrowTypeErrorNotAFunction(ctx);",
        "        not_a_function:\n"
        '            return JS_ThrowTypeError(ctx, "%s is not a function", njs_type(ctx, func_obj));',
    ),
    Edit(
        1,
        "                ret_val = JS_CallInternal(ctx, call_argv[-1], call_argv[-2],\n"
        "                                          JS_UNDEFINED, call_argc,\n"
        "                                          vc(call_argv), 0);\n"
        "                if (unlikely(JS_IsException(ret_val)))\n"
        "                    goto exception;\n"
        "                if (opcode == OP_tail_call_method)",
        "                if (njs_method != JS_ATOM_NULL\n"
        "                    && unlikely(JS_VALUE_GET_TAG(call_argv[-1]) != JS_TAG_OBJECT)) {\n"
        "                    JS_ThrowTypeErrorAtom(\n"
        '                        ctx, "(intermediate value)[\\"%s\\"] is not a function", njs_method);\n'
        "                    goto exception;\n"
        "                }\n"
        "                ret_val = JS_CallInternal(ctx, call_argv[-1], call_argv[-2],\n"
        "                                          JS_UNDEFINED, call_argc,\n"
        "                                          vc(call_argv), 0);\n"
        "                if (unlikely(JS_IsException(ret_val)))\n"
        "                    goto exception;\n"
        "                if (opcode == OP_tail_call_method)",
    ),
    Edit(
        1,
        "                    val = JS_GetPropertyInternal(ctx, obj, atom, sp[-1], false);\n"
        "                    if (unlikely(JS_IsException(val)))\n"
        "                        goto exception;\n"
        "                }\n"
        "                *sp++ = val;",
        "                    val = JS_GetPropertyInternal(ctx, obj, atom, sp[-1], false);\n"
        "                    if (unlikely(JS_IsException(val)))\n"
        "                        goto exception;\n"
        "                }\n"
        "                if (unlikely(JS_VALUE_GET_TAG(val) != JS_TAG_OBJECT))\n"
        "                    njs_method = atom;\n"
        "                *sp++ = val;",
    ),
    Edit(
        1,
        "                val = JS_GetPropertyValue(ctx, sp[-2], sp[-1]);\n                sp[-1] = val;",
        "                njs_method = JS_ATOM_NULL;\n"
        "                val = JS_GetPropertyValue(ctx, sp[-2], sp[-1]);\n                sp[-1] = val;",
    ),
    _message(1, "%s is not a constructor", "function is not a constructor"),
    _message(1, "not a constructor", "function is not a constructor"),
    _message(1, "invalid 'instanceof' right operand", "right argument is not callable"),
    Edit(
        1,
        "    if (JS_VALUE_GET_TAG(op2) != JS_TAG_OBJECT) {\n        JS_ThrowTypeError(ctx, \"invalid 'in' operand\");",
        "    if (JS_VALUE_GET_TAG(op2) != JS_TAG_OBJECT) {\n"
        r'        JS_ThrowTypeError(ctx, "property \"in\" on primitive %s type", njs_type(ctx, op2));',
    ),
    # Numbers, dates and the rest.
    Edit(
        1,
        "    if (f < 0 || f > 100)\n"
        '        return JS_ThrowRangeError(ctx, "invalid number of digits");\n'
        "    if (fabs(d) >= 1e21)",
        "    if (f < 0 || f > 100)\n"
        '        return JS_ThrowRangeError(ctx, "digits argument must be between 0 and 100");\n'
        "    if (fabs(d) >= 1e21)",
    ),
    Edit(
        1,
        '        if (f < 0 || f > 100)\n            return JS_ThrowRangeError(ctx, "invalid number of digits");',
        "        if (f < 0 || f > 100)\n"
        '            return JS_ThrowRangeError(ctx, "digits argument must be between 0 and 100");',
    ),
    Edit(
        1,
        '    if (p < 1 || p > 100)\n        return JS_ThrowRangeError(ctx, "invalid number of digits");',
        "    if (p < 1 || p > 100)\n"
        '        return JS_ThrowRangeError(ctx, "precision argument must be between 1 and 100");',
    ),
    _message(1, "invalid repeat count", ""),
    _message(1, "invalid code point", ""),
    _message(1, "toString() radix argument must be between 2 and 36", ""),
    _message(2, "not a Date object", "cannot convert object to date"),
    _message(3, "not a symbol", "is not a symbol"),
    _message(1, "cannot convert symbol to number", "Cannot convert a Symbol value to a number"),
    _message(1, "cannot convert symbol to string", "Cannot convert a Symbol value to a string"),
    Edit(1, 'JS_ThrowInternalError(ctx, "string too long")', 'JS_ThrowRangeError(ctx, "invalid string length")'),
    _message(1, "empty array", "Reduce of empty object with no initial value"),
    _message(4, "invalid array length", "Invalid array length"),
    _message(1, "Date value is NaN", "Invalid time value"),
    _message(2, "circular reference", "Nested too deep or a cyclic structure"),
    # A function's text is not kept, and shows as [object Function].
    Edit(
        2,
        "fd->source = js_strndup(ctx, (const char *)ptr, fd->source_len);",
        "fd->source = js_strndup(ctx, (const char *)ptr, fd->source_len = 0);",
    ),
    # Text to code, and text to values.
    Edit(1, 'JS_ThrowTypeError(ctx, "eval is not supported")', 'JS_ThrowInternalError(ctx, "Not implemented")'),
    Edit(
        1,
        "    JS_ThrowError(ctx, JS_URI_ERROR, fmt, ap);",
        '    JS_ThrowError(ctx, JS_URI_ERROR, "malformed URI", ap);',
    ),
    *(
        Edit(
            1,
            f"            case '{flag}':\n                mask = LRE_FLAG_{name};\n                break;\n",
            "",
        )
        for flag, name in (("d", "INDICES"), ("s", "DOTALL"), ("u", "UNICODE"), ("v", "UNICODE_SETS"))
    ),
    Edit(
        1,
        "            bad_flags:\n                JS_FreeCString(ctx, str);\n"
        '                return JS_ThrowSyntaxError(ctx, "invalid regular expression flags");',
        "            bad_flags:\n"
        '                return JS_ThrowSyntaxError(ctx, "Invalid RegExp flags \\"%s\\"", str);',
    ),
    Edit(
        1,
        '    return js_parse_error(s, "%s in JSON at position %d (line %d column %d)",\n'
        "                          msg, position, line, (int)(p - line_start) + 1);",
        '    return js_parse_error(s, "%s at position %d",\n'
        '                          curp >= s->buf_end ? "Unexpected end of input"\n'
        '                          : *curp < 0x20     ? "Forbidden source char"\n'
        '                                             : "Unexpected token", position);',
    ),
    Edit(
        1,
        "        if (s->token.val == TOK_EOF) {\n"
        '            js_parse_error(s, "Unexpected end of JSON input");\n'
        "        } else {\n"
        "            js_parse_error(s, \"unexpected token: '%.*s'\",\n"
        "                           (int)(s->buf_ptr - s->token.ptr), s->token.ptr);\n"
        "        }",
        f"        {_AT_TOKEN};",
    ),
    Edit(1, 'js_parse_error(s, "unexpected data at the end")', _AT_TOKEN),
    Edit(
        1,
        ' end_of_input:\n    js_parse_error(s, "Unexpected end of JSON input");',
        " end_of_input:\n"
        '    js_parse_error(s, "Unexpected end of input at position %d", (int)(s->buf_end - s->buf_start));',
    ),
    # An event's objects that are read when somebody asks for them (guest/event.c).
    Edit(
        1,
        "static JSValue js_bytecode_autoinit(JSContext *ctx, JSObject *p, JSAtom atom,\n"
        "                                    void *opaque)\n{\n",
        "static JSValue read_put_off(JSContext *ctx, char *text);\n\n"
        "static JSValue js_bytecode_autoinit(JSContext *ctx, JSObject *p, JSAtom atom,\n"
        "                                    void *opaque)\n{\n"
        "    if (IS_TEXT_PUT_OFF(opaque))\n"
        "        return read_put_off(ctx, opaque);\n",
    ),
    # Jumps.
    Edit(
        1,
        "    if (unlikely(--ctx->interrupt_counter <= 0)) {\n"
        "        return __js_poll_interrupts(ctx);\n"
        "    } else {\n"
        "        return 0;\n"
        "    }\n",
        "    return 0;\n",
    ),
    *(Edit(1, f"CASE(OP_{name}):\n", f"CASE(OP_{name}):\n{_PLACE}") for name in ("goto", "goto16", "goto8")),
    *(
        Edit(
            2,
            f"op1 = sp[-1];\n                pc += {size};\n",
            f"op1 = sp[-1];\n                pc += {size};\n{_PLACE}",
        )
        for size in (1, 4)
    ),
)


def with_edits(quickjs_c: str) -> str:
    """The engine's source with every edit made. ValueError names the edit that does not fit."""
    for count, old, new in EDITS:
        if quickjs_c.count(old) != count:
            raise ValueError(f"expected {count} of {old!r} in quickjs.c, found {quickjs_c.count(old)}")
        quickjs_c = quickjs_c.replace(old, new)
    return quickjs_c

"""njs's rules for functions, declarations, object literals, statements and imports, applied to a syntax tree.

Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions" and "JavaScript runtime
2.0 features for CloudFront Functions". The words are njs's.
Not modelled: import attributes other than by njs's refusal of the token.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from edge.runtimes.quickjs import grammar
from edge.runtimes.quickjs.grammar_expressions import Expressions, Fault, Node
from edge.runtimes.quickjs.grammar_scopes import Scope
from edge.runtimes.quickjs.grammar_tokens import Token, find_token, next_token

_PATTERNS = frozenset({"ArrayPattern", "ObjectPattern"})
_LOOPS = frozenset({"ForStatement", "ForInStatement", "WhileStatement", "DoWhileStatement", "LabeledStatement"})
_LABELLED_FUNCTION = "In strict mode code, functions can only be declared at top level or inside a block."
_LONE_FUNCTION = "Functions can only be declared at top level or inside a block"


class Rules(Expressions):
    """All the rules. Read a tree, then look at `faults`."""

    def declares(self, name: str) -> bool:
        """Whether the script has declared `name` at its top level."""
        return name in self._scope

    @contextmanager
    def _inside(self, *, is_function: bool = False) -> Iterator[Scope]:
        outer = self._scope
        self._scope = Scope(outer, is_function=is_function)
        yield self._scope
        self._scope = outer

    def _declared(self, is_new: bool, node: Node) -> None:
        if not is_new:
            self._fault(node.range[0], grammar.ALREADY_DECLARED.format(node.name))

    def _forbid(self, node: Node, place: str) -> None:
        if node.name in grammar.FORBIDDEN_BINDINGS:
            self._fault(node.range[0], f'Identifier "{node.name}" is forbidden in {place} declaration')

    # Functions

    def _function(self, node: Node, *, is_arrow: bool = False) -> None:
        calls, self._calls = self._calls, 0
        self._functions += not is_arrow
        self._bodies += 1
        with self._inside(is_function=True):
            self._parameters(node, is_arrow=is_arrow)
            if node.body.type == "BlockStatement":
                for statement in node.body.body:
                    self.read(statement)
            else:
                self.read(node.body)
        self._bodies -= 1
        self._functions -= not is_arrow
        self._calls = calls

    def _parameters(self, node: Node, *, is_arrow: bool) -> None:
        names = [each.argument if each.type == "RestElement" else each for each in node.params]
        if is_arrow and any(name.type != "Identifier" for name in names):
            self._arrow_patterns(node)
            return
        for name, parameter in zip(names, node.params, strict=True):
            if name.type == "AssignmentPattern":
                self._pattern(name.left)
                self._unexpected(find_token(self._code, name.left.range[1], "="))
            elif parameter is not name and name.type in _PATTERNS:
                self._unexpected(next_token(self._code, name.range[0]))
            elif name.type in _PATTERNS:
                self._pattern(name)
            elif not self._scope.declare_parameter(self._bind(name)):
                self._fault(name.range[0], "Duplicate parameter names")

    def _pattern(self, node: Node) -> None:
        if node.type in _PATTERNS:
            self._not_supported(next_token(self._code, node.range[0]))

    def _arrow_patterns(self, node: Node) -> None:
        """njs takes what is not a plain list of names for an expression in parentheses, and wonders at the arrow."""
        for parameter in node.params:
            if parameter.type == "RestElement":
                self._unexpected(next_token(self._code, parameter.range[0]))
            self._as_expression(parameter)
        self._unexpected(find_token(self._code, node.params[-1].range[1], "=>"))

    def _on_arrow_function_expression(self, node: Node) -> bool:
        if node.isAsync and self._is_1_0:
            token = next_token(self._code, next_token(self._code, node.range[0]).end)
            self._unexpected(find_token(self._code, token.end, "=>") if token.text == "(" else token)
        else:
            end = node.params[-1].range[1] if node.params else node.range[0]
            arrow = find_token(self._code, end, "=>")
            if "\n" in self._code[end : arrow.start]:
                self._unexpected(arrow)
            self._function(node, is_arrow=True)
        return True

    def _on_function_expression(self, node: Node) -> bool:
        if not self._refused_function(node):
            if node.id is not None:
                self._bind(node.id)
            self._function(node)
        return True

    def _refused_function(self, node: Node) -> bool:
        keyword = find_token(self._code, node.range[0], "function")
        if node.isAsync and self._is_1_0:
            self._unexpected(keyword)
            return True
        if node.generator:
            star = next_token(self._code, keyword.end)
            (self._unexpected if node.type == "FunctionDeclaration" else self._not_supported)(star)
        return bool(node.generator)

    def _on_function_declaration(self, node: Node) -> bool:
        if not self._refused_function(node):
            name = self._bind(node.id)
            self._forbid(node.id, "function")
            self._declared(self._scope.declare_function(name), node.id)
            self._function(node)
        return True

    # Object literals

    def _on_object_expression(self, node: Node) -> bool:
        prototypes = 0
        for member in node.properties:
            if member.type == "SpreadElement":
                self._not_supported(next_token(self._code, member.range[0]))
                continue
            prototypes += _is_prototype(member)
            if prototypes == 2 and _is_prototype(member):
                self._fault(member.range[0], "Duplicate __proto__ fields are not allowed in object literals")
            self.read(member)
        return True

    def _on_property(self, node: Node) -> bool:
        value = node.value
        refused = self._refused_member(node)
        if refused is not None:
            self._unexpected(refused)
            return True
        if node.kind in {"get", "set"} and (node.kind == "set") != len(value.params):
            arity = "Getter must not have any formal parameters"
            self._fault(
                node.key.range[1], arity if node.kind == "get" else "Setter must have exactly one formal parameter"
            )
        if node.computed:
            self.read(node.key)
        if node.method or node.kind in {"get", "set"}:
            self._function(value)
        else:
            self.read(value)
        return True

    def _refused_member(self, node: Node) -> Token | None:
        """The token at which njs stops in a member of an object literal that it does not know."""
        first = next_token(self._code, node.range[0])
        name = node.key.name
        if node.method and node.value.isAsync:
            if self._is_1_0:
                return next_token(self._code, first.end)
            return first if node.value.generator or node.key.type == "Literal" else None
        if node.method and node.value.generator:
            return first
        if name == "async" and not node.computed and (node.shorthand or node.method) and not self._is_1_0:
            return first
        if node.shorthand and (name in self._reserved or name in {"await", "yield"}):
            return next_token(self._code, node.key.range[1])
        return None

    # Declarations

    def _on_variable_declaration(self, node: Node, *, in_loop: bool = False) -> bool:
        if node.kind != "var" and self._is_1_0:
            self._not_supported(next_token(self._code, node.range[0]))
            return True
        for declarator in node.declarations:
            name = declarator.id
            if name.type in _PATTERNS:
                self._not_supported(next_token(self._code, name.range[0] + (not in_loop)))
                continue
            self._bind(name)
            self._forbid(name, "var")
            is_new = (self._scope.declare_variable if node.kind == "var" else self._scope.declare_lexical)(name.name)
            self._declared(is_new, name)
            self.read(declarator.init)
        return True

    def _on_import_declaration(self, node: Node) -> bool:
        start = node.range[0]
        specifiers = node.specifiers
        token = next_token(self._code, start + len("import"))
        if not self._fragment and (self._bodies or self._scope.parent is not None):
            self._fault(start, "Illegal import statement")
        elif token.text in grammar.NO_IMPORT_NAMES or [each.type for each in specifiers[:1]] != [
            "ImportDefaultSpecifier"
        ]:
            self._fault(token.start, grammar.NON_DEFAULT_IMPORT)
        elif len(specifiers) > 1:
            self._unexpected(next_token(self._code, token.end))
        else:
            self._declared(self._scope.declare_lexical(token.text), specifiers[0].local)
            if node.source.value not in grammar.MODULES[self._runtime]:
                self._fault(node.source.range[0], f'Cannot find module "{node.source.value}"')
            if node.attributes:
                self._unexpected(next_token(self._code, node.source.range[1]))
        return True

    # Statements

    def _body(self, node: Node | None) -> None:
        """Read the single statement that an `if` or a loop governs."""
        if node is not None and next_token(self._code, node.range[0]).text == "class":
            self._fault(node.range[0], grammar.NO_SINGLE_STATEMENT["class"])
            return
        if node is not None and node.type == "FunctionDeclaration":
            if node.isAsync and not self._is_1_0:
                self._not_supported(next_token(self._code, node.range[0]))
            else:
                self._fault(node.range[0], _LONE_FUNCTION)
            return
        self.read(node)

    def _on_block_statement(self, node: Node) -> bool:
        with self._inside():
            for statement in node.body:
                self.read(statement)
        return True

    def _on_if_statement(self, node: Node) -> bool:
        self.read(node.test)
        self._body(node.consequent)
        self._body(node.alternate)
        return True

    def _on_while_statement(self, node: Node) -> bool:
        self.read(node.test)
        self._body(node.body)
        return True

    _on_do_while_statement = _on_while_statement

    def _on_for_statement(self, node: Node) -> bool:
        with self._inside():
            if node.init is not None and node.init.type == "VariableDeclaration":
                self._on_variable_declaration(node.init, in_loop=True)
            else:
                self.read(node.init)
            self.read(node.test)
            self.read(node.update)
            self._body(node.body)
        return True

    def _on_for_in_statement(self, node: Node) -> bool:
        with self._inside():
            left = node.left
            if left.type == "VariableDeclaration":
                self._on_variable_declaration(left, in_loop=True)
                if left.declarations[0].init is not None:
                    self._fault(left.declarations[0].init.range[1], "Invalid left-hand side in for-loop")
            elif left.type in {"Identifier", "MemberExpression"}:
                self.read(left)
            else:
                first = next_token(self._code, left.range[0])
                words = f'Invalid left-hand side "{first.text}" in for-in statement'
                self._fault(left.range[1], words, "ReferenceError")
            self.read(node.right)
            self._body(node.body)
        return True

    def _on_for_of_statement(self, node: Node) -> bool:
        left = node.left
        if left.type == "VariableDeclaration" and (self._is_1_0 or left.declarations[0].id.type in _PATTERNS):
            self._on_variable_declaration(left, in_loop=True)
        waits = next_token(self._code, node.range[0] + len("for"))
        self._not_supported(find_token(self._code, left.range[1], "of"))
        if waits.text == "await":
            self._not_supported(waits)
        return True

    def _on_switch_statement(self, node: Node) -> bool:
        self.read(node.discriminant)
        with self._inside():
            for case in node.cases:
                self.read(case)
        return True

    def _on_catch_clause(self, node: Node) -> bool:
        param = node.param
        if param is None or param.type == "ObjectPattern":
            self._not_supported(next_token(self._code, (param or node.body).range[0]))
            return True
        if param.type == "ArrayPattern":
            self._unexpected(next_token(self._code, param.range[0]))
            return True
        with self._inside() as scope:
            scope.declare_caught(self._bind(param))
            for statement in node.body.body:
                self.read(statement)
        return True

    def _on_return_statement(self, node: Node) -> None:
        if not self._bodies and not self._fragment:
            self._fault(node.range[0], "Illegal return statement")

    def _on_labeled_statement(self, node: Node) -> bool:
        self._bind(node.label)
        if node.body.type == "FunctionDeclaration":
            self.faults.append(Fault(node.range[0], _LABELLED_FUNCTION, late=True, lined=False))
            return True
        if node.body.type not in _LOOPS:
            self._blocks.append(node.label.name)
            self.read(node.body)
            self._blocks.pop()
        else:
            self.read(node.body)
        return True

    def _on_continue_statement(self, node: Node) -> None:
        if node.label is not None and node.label.name in self._blocks:
            self.faults.append(Fault(node.range[0], "Illegal continue statement", late=True))


def _is_prototype(member: Node) -> bool:
    """Whether a member sets the prototype of its object: `__proto__: x`, plain."""
    plain = member.kind == "init" and not (member.computed or member.method or member.shorthand)
    return plain and "__proto__" in {member.key.name, member.key.value}

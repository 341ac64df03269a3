// SPDX-License-Identifier: Apache-2.0
// The syntax of Thx, all of it. What a program means is decided later, from the tree of this grammar.
grammar Thx;

// ---- Files ----------------------------------------------------------------------------------

file : declaration? (separator declaration?)* EOF ;

separator : NEWLINE | ';' ;

// A declaration that cannot be read costs one message; reading goes on at the next separator.
declaration
  : 'module' name                                                     # moduleDeclaration
  | 'import' path                                                     # importDeclaration
  | 'from' path 'import' name (',' name)*                             # fromDeclaration
  | 'dim' name ('<=' bound=expression)? ('=' value=expression)?       # dimDeclaration
  | 'const' name '=' expression                                       # constDeclaration
  | 'input' name ':' type                                             # inputDeclaration
  | state                                                             # stateDeclaration
  | 'stream' name ('=' expression)?                                   # streamDeclaration
  | let                                                               # letDeclaration
  | 'cost' name '=' expression                                        # costDeclaration
  | 'def' name '(' parameters? ')' ('=' results | block) gradient?    # defDeclaration
  | 'rule' name '(' parameters? ')' block                             # ruleDeclaration
  | 'function' name '(' names? ')' ('given' given (',' given)*)?
        ('->' outputs)? block?                                        # functionDeclaration
  | 'test' STRING block                                               # testDeclaration
  ;

state : 'transient'? kind=('shared' | 'param') name (':' type)? ('=' expression)? ;
let : 'let' names '=' expression ;
gradient : 'with' name '(' parameters? ')' ('=' results | block) ;

parameters : parameter (',' parameter)* ','? ;
parameter : name ('=' expression)? ;
results : expression (',' expression)* ;

given : name '=' expression ;
outputs : output | '(' (output (',' output)* ','?)? ')' ;
output : name ('=' expression)? ;

path : name ('.' name)* ;
names : name (',' name)* ','? ;
type : name (open='[' (expression (',' expression)* ','?)? ']')? ;

// ---- Blocks: of functions, definitions, rules, tests and scans ------------------------------

block : '{' statement? (separator statement?)* '}' ;

statement
  : let                                                               # letStatement
  | state                                                             # stateStatement
  | 'update' name '=' expression                                      # updateStatement
  | 'update' (name | '[' names ']') 'with' expression                 # updateWithStatement
  | 'return' results                                                  # returnStatement
  | 'next' name '=' expression                                        # nextStatement
  | 'yield' expression                                                # yieldStatement
  | 'expect' expression                                               # expectStatement
  | 'expect_grad' '(' arguments? ')'                                  # expectGradStatement
  | 'expect_error' name block                                         # expectErrorStatement
  ;

// ---- Expressions, tightest first ------------------------------------------------------------

expression
  : atom
  | base=expression call='(' arguments? ')'
  | base=expression index='[' subscript (',' subscript)* ','? ']'
  | base=expression dot='.' name
  | <assoc=right> left=expression op='**' right=expression
  | prefix=('-' | '+' | '~') operand=expression
  | left=expression op=('*' | '/' | '//' | '%' | '@') right=expression
  | left=expression op=('+' | '-') right=expression
  | left=expression op='&' right=expression
  | left=expression op='^' right=expression
  | left=expression op='|' right=expression
  | left=expression op=('==' | '!=' | '<' | '<=' | '>' | '>=') right=expression
  | prefix='not' operand=expression
  | left=expression op='and' right=expression
  | left=expression op='or' right=expression
  | <assoc=right> left=expression op='if' condition=expression 'else' right=expression
  ;

atom
  : value=(INTEGER | FLOAT | STRING | 'true' | 'false')
  | name
  | open='(' (expression (',' expression)* comma=','?)? ')'
  | open='[' (expression (',' expression)* ','?)? ']'
  | scan
  ;

arguments : argument (',' argument)* ','? ;
argument : (name '=')? expression ;

subscript : '...' | expression slice? | slice ;
slice : first=':' stop=expression? (':' step=expression?)? ;

scan : 'scan' '(' (carry (',' carry)*)? 'for' pattern 'in' expression (',' argument)*
           ('until' until=expression)? ')' block ;
carry : name '=' expression ;
pattern : name | '(' names ')' ;

// ---- Names: the words of the language are reserved only where the first lines say so --------

name
  : NAME | 'module' | 'import' | 'from' | 'dim' | 'const' | 'input' | 'transient' | 'shared'
  | 'param' | 'stream' | 'cost' | 'def' | 'rule' | 'function' | 'test' | 'given' | 'with'
  | 'next' | 'yield' | 'until' | 'expect' | 'expect_grad' | 'expect_error'
  ;

LET : 'let' ;
IF : 'if' ;
ELSE : 'else' ;
AND : 'and' ;
OR : 'or' ;
NOT : 'not' ;
FOR : 'for' ;
IN : 'in' ;
SCAN : 'scan' ;
RETURN : 'return' ;
UPDATE : 'update' ;
TRUE : 'true' ;
FALSE : 'false' ;

MODULE : 'module' ;
IMPORT : 'import' ;
FROM : 'from' ;
DIM : 'dim' ;
CONST : 'const' ;
INPUT : 'input' ;
TRANSIENT : 'transient' ;
SHARED : 'shared' ;
PARAM : 'param' ;
STREAM : 'stream' ;
COST : 'cost' ;
DEF : 'def' ;
RULE : 'rule' ;
FUNCTION : 'function' ;
TEST : 'test' ;
GIVEN : 'given' ;
WITH : 'with' ;
NEXT : 'next' ;
YIELD : 'yield' ;
UNTIL : 'until' ;
EXPECT : 'expect' ;
EXPECT_GRAD : 'expect_grad' ;
EXPECT_ERROR : 'expect_error' ;

ARROW : '->' ;
ELLIPSIS : '...' ;
POWER : '**' ;
FLOOR_DIVIDE : '//' ;
EQUAL : '==' ;
NOT_EQUAL : '!=' ;
LESS_EQUAL : '<=' ;
GREATER_EQUAL : '>=' ;
LESS : '<' ;
GREATER : '>' ;
ASSIGN : '=' ;
PLUS : '+' ;
MINUS : '-' ;
TIMES : '*' ;
DIVIDE : '/' ;
REMAINDER : '%' ;
PRODUCT : '@' ;
AMPERSAND : '&' ;
BAR : '|' ;
CARET : '^' ;
TILDE : '~' ;
LEFT_PAREN : '(' ;
RIGHT_PAREN : ')' ;
LEFT_BRACKET : '[' ;
RIGHT_BRACKET : ']' ;
LEFT_BRACE : '{' ;
RIGHT_BRACE : '}' ;
COMMA : ',' ;
COLON : ':' ;
SEMICOLON : ';' ;
DOT : '.' ;

NAME : [A-Za-z_] [A-Za-z0-9_]* ;

// `2.T` is a field of 2: a point before a letter belongs to the number only as part of 1.e5.
FLOAT
  : DIGITS '.' DIGITS EXPONENT?
  | DIGITS '.' EXPONENT
  | DIGITS '.' {!(_input->LA(1) < 128 && (isalpha(static_cast<int>(_input->LA(1))) || _input->LA(1) == '_'))}?
  | '.' DIGITS EXPONENT?
  | DIGITS EXPONENT
  ;
INTEGER : DIGITS | '0' [xX] [0-9a-fA-F]+ ('_' [0-9a-fA-F]+)* ;
// Digits that run into a name: `3x`, `1__0`, `0b12`, `1.5e`.
BAD_NUMBER : DIGITS? '.' DIGITS [A-Za-z_] [A-Za-z0-9_]* | DIGITS [A-Za-z_] [A-Za-z0-9_]* ;
fragment DIGITS : [0-9]+ ('_' [0-9]+)* ;
fragment EXPONENT : [eE] [+-]? DIGITS ;

STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '"' ;

COMMENT : '#' ~[\r\n]* -> channel(HIDDEN) ;
BLANK : [ \t]+ -> channel(HIDDEN) ;
NEWLINE : '\r'? '\n' ;
OTHER : . ;

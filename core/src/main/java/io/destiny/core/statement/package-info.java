/** Canonical encoding: what is hashed, signed and sent (00-system-model §5). */
@NullMarked
package io.destiny.core.statement;

import org.jspecify.annotations.NullMarked;

/** The driver of a real replica: links, loop, storage, metrics, client gateway. */
@NullMarked
package io.destiny.node;

import org.jspecify.annotations.NullMarked;

/** Drives a protocol: one loop, and the threads that carry out its effects. */
@NullMarked
package io.destiny.node.loop;

import org.jspecify.annotations.NullMarked;

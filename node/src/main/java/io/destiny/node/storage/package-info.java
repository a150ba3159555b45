/** What survives a crash: the protocol log, checkpoints, and whose folder it is. */
@NullMarked
package io.destiny.node.storage;

import org.jspecify.annotations.NullMarked;

/** A small protocol, application and crypto, to drive a node with. */
@NullMarked
package io.destiny.node.toy;

import org.jspecify.annotations.NullMarked;

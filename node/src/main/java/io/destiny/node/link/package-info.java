/** Streams between replicas: mutual TLS, one lane for small messages and one for large ones. */
@NullMarked
package io.destiny.node.link;

import org.jspecify.annotations.NullMarked;

/** The thirteen protocols by name: the only package that sees several of them. */
@NullMarked
package io.destiny.protocols.catalog;

import org.jspecify.annotations.NullMarked;

/** Tools for agents: files of the workspace, and pages of allowed hosts. */
@NullMarked
package io.agentmanager.worker.tool;

import org.jspecify.annotations.NullMarked;

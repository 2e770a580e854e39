#!/usr/bin/env node
import '@lapyra/cli/bin';

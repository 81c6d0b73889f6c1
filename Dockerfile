# The image of waxseal: the static binary on an empty root, for linux/amd64 and
# linux/arm64.
#
#   docker build -t waxseal --build-arg VERSION=$(git describe --tags --always) .
#   docker run --rm -p 127.0.0.1:4566:4566 waxseal
#   docker run --rm -p 127.0.0.1:4566:4566 -e WAXSEAL_DATA=/data -v waxseal:/data waxseal
#   docker run --rm -p 4566:4566 -e WAXSEAL_CONTROL_TOKEN=$(openssl rand -hex 16) waxseal
#
# It listens on every address of the container: what closes the control API to
# the container's network is WAXSEAL_CONTROL_TOKEN.
#
# Beside the binary there are the root certificates, with which SNS calls https
# subscribers, and busybox as sh: init scripts need a shell, and so does the
# Testcontainers module for Java, which starts a container through sh and then
# /usr/local/bin/docker-entrypoint.sh.

ARG GO_VERSION=1.26
ARG BUSYBOX_VERSION=1.37-musl

FROM busybox:${BUSYBOX_VERSION} AS shell

# The compiler runs on the machine's own architecture and writes for the wanted one.
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=dev
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X main.version=$VERSION" -o /image/usr/local/bin/waxseal ./cmd/waxseal
# An empty root has no mkdir, ln and chmod, so its folders are made here.
RUN mkdir -p -m 0755 /image/bin /image/etc/ssl/certs /image/etc/localstack/init/ready.d \
 && mkdir -m 1777 /image/tmp \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && for tool in sh cat date env grep ls mkdir rm sed sleep tr wget; do ln -s busybox /image/bin/$tool; done \
 && printf '#!/bin/sh\nexec /bin/sh "$@"\n' > /image/bin/bash \
 && printf '#!/bin/sh\nexec /usr/local/bin/waxseal serve "$@"\n' > /image/usr/local/bin/docker-entrypoint.sh \
 && chmod 0755 /image/bin/bash /image/usr/local/bin/docker-entrypoint.sh \
 && printf 'root:x:0:0:root:/:/bin/sh\nwaxseal:x:65532:65532:waxseal:/data:/bin/sh\n' > /image/etc/passwd \
 && printf 'root:x:0:\nwaxseal:x:65532:\n' > /image/etc/group \
 && mkdir -m 0700 /data

FROM scratch
COPY --from=shell /bin/busybox /bin/busybox
COPY --from=build /image /
# A new volume takes its owner and mode from this folder.
COPY --from=build --chown=65532:65532 /data /data
ENV PATH=/usr/local/bin:/bin WAXSEAL_ADDR=0.0.0.0:4566
# A number, for Kubernetes' runAsNonRoot takes no names.
USER 65532:65532
VOLUME /data
EXPOSE 4566
HEALTHCHECK --interval=2s --timeout=3s --start-period=10s --retries=3 CMD ["waxseal", "health"]
ENTRYPOINT ["waxseal"]
CMD ["serve"]
ARG VERSION=dev REVISION=
LABEL org.opencontainers.image.title="waxseal" \
      org.opencontainers.image.description="An emulator of Amazon SQS, SNS and KMS that enforces security as AWS does" \
      org.opencontainers.image.source="https://github.com/waxseal/waxseal" \
      org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-only" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Tests.Execution;

/// <summary>A device made of this machine's memory: it holds every value that is not a graph output, and counts what crosses to the executor.</summary>
/// <param name="shows">Whether it can show what it holds.</param>
internal sealed class HostDevice(bool shows = true) : IBackend
{
    private readonly ReferenceBackend _inner = new();

    public string Name => "host device";

    public long BytesRead { get; private set; }

    public int HashesBegun { get; private set; }

    public int HashesTaken { get; private set; }

    public bool FailsToHash { get; set; }

    public void Run(NodeCall call, CancellationToken cancellation) => _inner.Run(call, cancellation);

    public IProgram Load(Graph graph, IReadOnlySet<ValueRef> visible) => shows ? new Holder(graph, this) : new Program(graph, this);

    public void Dispose() => _inner.Dispose();

    private class Program : IProgram
    {
        private readonly NodeProgram _inner;

        internal Program(Graph graph, HostDevice device)
        {
            _inner = new NodeProgram(graph, device._inner);
            HashSet<ValueRef> outputs = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
            Stages = [.. _inner.Stages.Select(stage => stage with { Hidden = [.. Made(stage).Where(value => !outputs.Contains(value))] })];
            foreach (ValueRef value in Stages.SelectMany(stage => stage.Hidden))
            {
                byte[] bytes = new byte[graph.TypeOf(value).Bytes];
                Held.Add(value, bytes);
                _inner.Bind(value, bytes);
            }

            IEnumerable<ValueRef> Made(Stage stage)
                => graph.Nodes[stage.Nodes[0]].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, stage.Nodes[0], slot));
        }

        public ImmutableArray<Stage> Stages { get; }

        protected Dictionary<ValueRef, byte[]> Held { get; } = [];

        protected int Last { get; private set; }

        public void Bind(ValueRef value, ReadOnlyMemory<byte> bytes)
        {
            Assert(!Held.ContainsKey(value), $"{value} is hidden and bound all the same");
            _inner.Bind(value, bytes);
        }

        public void Run(int stage, CancellationToken cancellation)
        {
            _inner.Run(stage, cancellation);
            Last = stage;
        }

        public virtual void End() => _inner.End();

        protected static void Assert(bool holds, string what)
        {
            if (!holds)
            {
                throw new InvalidOperationException(what);
            }
        }
    }

    private sealed class Holder : Program, IDeviceProgram
    {
        private readonly HostDevice _device;
        private readonly List<Digest> _hashes = [];

        internal Holder(Graph graph, HostDevice device)
            : base(graph, device) => _device = device;

        public void Read(ValueRef value, long start, Span<byte> bytes)
        {
            Assert(Stages[Last].Hidden.Contains(value), "it is not there yet, or no more");
            Held[value].AsSpan((int)start, bytes.Length).CopyTo(bytes);
            _device.BytesRead += bytes.Length;
        }

        public void BeginHash(ValueRef value, Suite suite)
        {
            Assert(Stages[Last].Hidden.Contains(value), "it is not there yet, or no more");
            _hashes.Add(MerkleTree.OfTensor(suite, Held[value], PlainHasher.Instance).TreeHash);
            _device.HashesBegun++;
        }

        public void FinishHashes(Span<Digest> hashes)
        {
            if (_device.FailsToHash)
            {
                throw new BackendException("lost");
            }

            Assert(hashes.Length == _hashes.Count, "as many as were begun");
            _hashes.CopyTo(hashes);
            _device.HashesTaken += hashes.Length;
        }

        public override void End()
        {
            base.End();
            _hashes.Clear();
        }
    }
}

#!/usr/bin/env bash
# From raw data to the checkpoint `math`, in the way of the shipped one: shards, training, average, calibration, figures.
#
#   runs/math.sh DATA OUT        DATA: math/, biology/, ink/ and pairs/ as docs/train.md describes them
#   runs/math.sh --smoke OUT     every step, small, on made-up data: minutes instead of a day
#
# START, a checkpoint (default math), is what the training starts from; START= trains a new model. Each step goes on
# where it was stopped, and a training run is resumed by `python train.py --out OUT/runs/math --resume`.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
score="$python -m img2latex.evaluate"
data="$python -m img2latex.data"

if [[ ${1:-} == --smoke && $# == 2 ]]; then
    score="$score --limit 3"  # a model that has learnt nothing writes until it may not
    out=$2 raw=$2/data start='' few=20 some=40 many=40 validated=2
    train="$python train.py --d-model 32 --num-layers 1 --minutes 0.05 --warmup-steps 5 --pool 64 --threads 1"
    train="$train --no-bf16 --workers 0 --device cpu"
    PYTHONPATH=. $python runs/made_up.py "$raw"
    documentation=ours_
elif [[ $# == 2 && $1 != -* ]]; then
    raw=$1 out=$2 start=${START-math} few=3000 some=60000 many=300000 validated=400
    # a process for each core of a CPU; on one GPU: train="$python train.py --minutes 100"
    train="torchrun --nproc_per_node=2 train.py --threads 1 --local-seconds 25 --minutes 100 --batch-pixels 1000000"
    # Of the projects with documentation, every second one by size; the others are kept for scoring.
    documentation="yaarx_ chi_tech_github_io_ mipcl_ corecvs_ documentation_ pagmo_ gm2calc_github_io_ qpp_ mfem_doxygen_
        jubilant_funicular_ math_ legacy_doxygen_ apfelxx_ vmtk_github_com_ guacho_"
else
    sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
held="$raw/math/formulas.tsv.gz $raw/biology/formulas.tsv.gz $(echo "$raw"/ink/crohme_test*.jsonl.gz)"
shards=$out/shards lists=$out/lists
mkdir -p "$lists"

# Formulas: leak-free lists, plain, and with rare tokens preferred and letters exchanged.
$data.corpus "$raw"/{math,biology}/formulas.tsv.gz --out "$lists" --train "$many" --varied 0.4 --held-out $held
$data.corpus "$raw"/math/formulas.tsv.gz --out "$lists/rare" --train "$some" --varied 0.9 --balance 0.5 --held-out $held
seed=0
for kind in repeating layouts untidy untidy untidy untidy; do
    seed=$((seed + 1))
    $data.synthesize $kind --n "$some" --seed $seed --categories --held-out $held > "$lists/$kind-$seed.tsv"
done

# Print.
$data.render --list "$lists/math/train.tsv" --out "$shards/math" --name math --seed 1
$data.render --list "$lists/biology/train.tsv" --out "$shards/biology" --name biology --seed 2
$data.render --list "$lists/rare/math/train.tsv" --out "$shards/rare" --name rare --seed 3
$data.render --list "$lists/rare/math/symbols.tsv" --out "$shards/symbols" --name symbols --seed 14
$data.render --list "$lists/rare/math/train.tsv" --out "$shards/small" --name small --seed 4 --looks documentation
$data.render --list "$lists/repeating-1.tsv" --out "$shards/repeating" --name repeating --seed 5
$data.render --list "$lists/layouts-2.tsv" --out "$shards/layouts" --name layouts --seed 6
$data.render --list "$lists/untidy-3.tsv" --out "$shards/untidy" --name any --seed 7
$data.render --list "$lists/untidy-4.tsv" --out "$shards/untidy" --name documentation --seed 8 --looks documentation
$data.render --list "$lists/untidy-5.tsv" --out "$shards/untidy" --name office --seed 9 --looks office
$data.web --list "$lists/untidy-6.tsv" --out "$shards/untidy" --name web --seed 10 --limit "$some"
$data.web --list "$lists/math/train.tsv" --out "$shards/web" --name web --seed 11 --limit "$some"

# Handwriting, pictures that exist already, pictures without a formula, and what is validated on.
$data.handwriting --ink "$raw/ink" --formulas "$lists/math/train.tsv" --out "$shards/ink" --held-out $held
$data.pairs "$raw/pairs/docs_html" --out "$shards/docs" --prefix $documentation --held-out $held
$data.distractors --out "$shards/none" --count "$few"
$data.render --list "$lists/math/val.tsv" --out "$out/val/math" --name math --seed 12 --limit $validated
$data.render --list "$lists/biology/val.tsv" --out "$out/val/biology" --name biology --seed 13 --limit $validated
$data.render --list "$lists/rare/math/symbols.tsv" --out "$out/val/symbols" --name symbols --seed 15 --limit $validated
for kind in repeating layouts; do
    $data.synthesize $kind --n $validated --seed 16 --categories --held-out $held > "$lists/$kind-val.tsv"
    $data.render --list "$lists/$kind-val.tsv" --out "$out/val/$kind" --name $kind --seed 16
done
$data.handwriting --ink "$raw/ink" --split val --out "$out/val/ink"

# Training, the average of its last weights and those it started from, and what confidence and handwriting mean.
$train --learning-rate 4e-4 --recipe math --data-root "$shards" --val "$out"/val/* --out "$out/runs/math" ${start:+--init "$start" --freeze-stem}
$python -m img2latex.training.average "$out/runs/math/last" "${start:-$out/runs/math}=1" --out "$out/average"
$python -m img2latex.scoring.calibrate "$out/average" --shards "$out"/val/{math,biology,symbols,repeating,layouts} \
    --handwritten "$out/val/ink" --out "$out/math"
$score --shards "$out"/val/* --checkpoint "$out/math"
echo "The checkpoint is in $out/math."
